/** Trials of the API over very large clusters, run by name. */
package io.millrace.admin.scale;
