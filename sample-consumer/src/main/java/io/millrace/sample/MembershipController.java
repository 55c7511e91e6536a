package io.millrace.sample;

import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** What this process owns and has done, as JSON at {@code /membership} and as a page that refreshes itself at {@code /}. */
@RestController
class MembershipController {

    /** The whole answer of {@code /membership}. */
    record View(String topic, String group, List<Membership.Owned> owned, List<Membership.Change> changes) {}

    private final SampleProperties properties;
    private final Membership membership;

    MembershipController(SampleProperties properties, Membership membership) {
        this.properties = properties;
        this.membership = membership;
    }

    @GetMapping(path = "/membership", produces = MediaType.APPLICATION_JSON_VALUE)
    View membership() {
        return new View(properties.topic(), properties.group(), membership.owned(), membership.changes());
    }

    @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
    String page() {
        var rows = new StringBuilder();
        for (var owned : membership.owned()) {
            rows.append(
                    row(owned.partition(), owned.memberId(), owned.since().toString(), Long.toString(owned.records())));
        }
        var history = new StringBuilder();
        for (var change : membership.changes().reversed()) {
            history.append(row(
                    change.time().toString(),
                    change.kind(),
                    change.memberId(),
                    change.partitions().toString()));
        }
        return """
                <!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
                <meta name="viewport" content="width=device-width"><title>%1$s</title>
                <style>body{font:15px system-ui;margin:2rem;color-scheme:light dark}table{border-collapse:collapse;margin:1rem 0}
                td,th{padding:.3rem .8rem;border-bottom:1px solid #8884;text-align:left}</style>
                <h1>%1$s</h1><p>Topic %2$s</p>
                <table><tr><th>Partition<th>Member<th>Since<th>Records</tr>%3$s</table>
                <h2>Changes</h2><table><tr><th>Time<th>What<th>Member<th>Partitions</tr>%4$s</table></html>
                """.formatted(escape(properties.group()), escape(properties.topic()), rows, history);
    }

    private static String row(String... cells) {
        var row = new StringBuilder("<tr>");
        for (String cell : cells) {
            row.append("<td>").append(escape(cell));
        }
        return row.append("</tr>").toString();
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text);
    }
}
