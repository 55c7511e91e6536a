package io.millrace.admin.burrow;

import io.millrace.admin.burrow.Evaluations.GroupVerdict;
import io.millrace.admin.burrow.Evaluator.Status;
import io.millrace.admin.cluster.Clusters;
import io.millrace.admin.group.GroupViews;
import io.millrace.admin.group.GroupViews.PartitionView;
import io.millrace.admin.problem.ApiException;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Burrow's verdict in this API's own terms, with the rule that gave it. */
@Tag(name = "consumer-groups")
@RestController
class EvaluationController {
    private final Clusters clusters;
    private final GroupViews groups;
    private final Evaluations evaluations;

    EvaluationController(Clusters clusters, GroupViews groups, Evaluations evaluations) {
        this.clusters = clusters;
        this.groups = groups;
        this.evaluations = evaluations;
    }

    /**
     * One partition's verdict.
     *
     * @param commits how many commits it rests on; ten make a full window
     */
    record PartitionEvaluation(String topic, int partition, Status status, String rule, int commits, long lag) {}

    record GroupEvaluation(
            String groupId, Status status, double complete, long lag, List<PartitionEvaluation> partitions) {}

    @GetMapping("/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/evaluation")
    GroupEvaluation evaluate(@PathVariable String clusterId, @PathVariable String groupId) {
        List<PartitionView> views = groups.partitions(clusterId, groupId);
        if (views == null) {
            throw ApiException.notFound(
                    "UNKNOWN_GROUP", "there is no consumer group '" + groupId + "' in cluster '" + clusterId + "'");
        }
        GroupVerdict verdict = evaluations.evaluate(clusterId, groupId, views, clusters.snapshot(clusterId));
        return new GroupEvaluation(
                groupId,
                verdict.status(),
                verdict.complete(),
                verdict.totalLag(),
                verdict.partitions().stream()
                        .map(one -> new PartitionEvaluation(
                                one.view().partition().topic(),
                                one.view().partition().partition(),
                                one.status(),
                                rule(one.status(), one.view().lag()),
                                one.window().size(),
                                one.view().lag()))
                        .toList());
    }

    private static String rule(Status status, long lag) {
        return switch (status) {
            case NOTFOUND -> "there is no such group";
            case OK -> lag == 0 ? "nothing is left to consume" : "the lag shrank or was gone within the window";
            case WARN, ERR -> "commits go on, but the lag never shrank within the window";
            case STOP -> "no commit for longer than the whole window of commits spans";
            case STALL -> "commits go on, but always at the same offset, while there is lag";
            case REWIND -> "a commit went back to an earlier offset";
        };
    }
}
