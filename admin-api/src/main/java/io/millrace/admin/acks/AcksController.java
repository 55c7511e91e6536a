package io.millrace.admin.acks;

import io.millrace.admin.acks.AcksRun.Setting;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The acks lab over REST. */
@Tag(name = "labs")
@RestController
class AcksController {
    private final AcksLab lab;

    AcksController(AcksLab lab) {
        this.lab = lab;
    }

    /**
     * Writes a bounded number of records with one setting to a twin of the topic, reads them back, deletes the twin, and answers when
     * all that is done.
     */
    @PostMapping("/api/v1/clusters/{clusterId}/topics/{topic}/acks-lab")
    AcksRun run(
            @PathVariable String clusterId,
            @PathVariable String topic,
            @RequestParam(required = false) @Nullable String confirm,
            @RequestBody Setting setting) {
        if (!topic.equals(confirm)) {
            throw ApiException.badRequest(
                    "CONFIRMATION_REQUIRED",
                    "the acks lab makes a temporary topic beside '" + topic
                            + "', on the same brokers, and writes to it;" + " repeat the request with confirm="
                            + topic);
        }
        return lab.run(clusterId, topic, setting);
    }
}
