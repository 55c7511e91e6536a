package io.millrace.broker.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.NodeConfig;
import io.millrace.broker.config.Setting;
import io.millrace.broker.config.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomConfigsTest {

    private static int backlog(Settings settings) {
        return RoomConfigs.network(NodeConfig.of(settings)).backlog();
    }

    @Test
    void aStormOfClientsHasRoomInTheBacklogUnlessItsSizeIsGiven() {
        assertThat(backlog(Settings.none())).isEqualTo(4096);
        assertThat(backlog(Settings.none().and(List.of(new Setting("socket.listen.backlog.size", "50", "test")))))
                .isEqualTo(50);
    }
}
