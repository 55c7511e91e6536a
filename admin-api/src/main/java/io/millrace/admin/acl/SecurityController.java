package io.millrace.admin.acl;

import io.millrace.admin.acl.SecurityReader.Acl;
import io.millrace.admin.acl.SecurityReader.Quota;
import io.millrace.admin.acl.SecurityReader.ScramUser;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The cluster's own security over REST, for reading. */
@Tag(name = "security")
@RestController
@RequestMapping("/api/v1/clusters/{clusterId}")
class SecurityController {
    private final SecurityReader reader;

    SecurityController(SecurityReader reader) {
        this.reader = reader;
    }

    @GetMapping("/acls")
    Section<Acl> acls(@PathVariable String clusterId) {
        return reader.acls(clusterId);
    }

    /** SCRAM users and their mechanisms. */
    @GetMapping("/users")
    Section<ScramUser> users(@PathVariable String clusterId) {
        return reader.users(clusterId);
    }

    @GetMapping("/client-quotas")
    Section<Quota> quotas(@PathVariable String clusterId) {
        return reader.quotas(clusterId);
    }
}
