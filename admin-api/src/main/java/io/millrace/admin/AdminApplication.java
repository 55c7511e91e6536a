package io.millrace.admin;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The admin API as a process of its own: {@code --bootstrap host:port} names the cluster it looks after. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(AdminModule.class)
public class AdminApplication {

    public static void main(String[] args) {
        SpringApplication.run(AdminApplication.class, springArguments(args).toArray(String[]::new));
    }

    /** Turns {@code --bootstrap X} and {@code --http-port N}, spelled with a space or with '=', into Spring properties. */
    static List<String> springArguments(String[] args) {
        List<String> result = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String name = args[i];
            int equals = name.indexOf('=');
            @org.jspecify.annotations.Nullable String value = null;
            if (equals > 0) {
                value = name.substring(equals + 1);
                name = name.substring(0, equals);
            }
            boolean ours = name.equals("--bootstrap") || name.equals("--http-port");
            if (ours && value == null) {
                if (i + 1 == args.length)
                    throw new IllegalArgumentException(name + " needs a value, for example "
                            + (name.equals("--bootstrap") ? "--bootstrap localhost:9092" : "--http-port 8080"));
                value = args[++i];
            }
            switch (name) {
                case "--bootstrap" -> result.add("--millrace.clusters[0].bootstrap-servers=" + value);
                case "--http-port" -> result.add("--server.port=" + value);
                default -> result.add(args[i]);
            }
        }
        return result;
    }
}
