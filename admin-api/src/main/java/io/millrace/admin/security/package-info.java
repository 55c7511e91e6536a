/** Who may do what: users, roles, and where a request comes from. Runs on request threads before any controller. */
@NullMarked
package io.millrace.admin.security;

import org.jspecify.annotations.NullMarked;
