/** Who may do what in the Kafka cluster, and how much: ACLs, SCRAM users and client quotas, for reading. */
@NullMarked
package io.millrace.admin.acl;

import org.jspecify.annotations.NullMarked;
