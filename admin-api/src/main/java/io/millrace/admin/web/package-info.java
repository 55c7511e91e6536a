/** The HTTP edge: JSON conventions, the OpenAPI document, paging. Runs on request threads, holds no state. */
@NullMarked
package io.millrace.admin.web;

import org.jspecify.annotations.NullMarked;
