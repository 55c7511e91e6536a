import type { Schema } from '../api/client';
import type { Text } from './en';

const brokerIds = (warnings: Schema['Warning'][]) => warnings.filter((one) => one.code === 'BROKER_OFFLINE').map((one) => one.broker).join(', ');

function healthSentence(health: Schema['ClusterHealth']): string {
  const { partitions, brokers, offlinePartitions: offline, underReplicatedPartitions: under, underMinIsrPartitions: underMin } = health;
  const down = brokerIds(health.warnings);
  const refused = underMin > 0 ? ` ${underMin}개는 acks=all 프로듀서를 거부합니다.` : '';
  switch (health.reason) {
    case 'NO_ANSWER': return `응답하는 브로커가 없습니다. ${health.sentence}`;
    case 'STALE': return '클러스터가 응답하지 않습니다. 마지막으로 확인한 상태입니다.';
    case 'PARTITIONS_OFFLINE': return `${down && `브로커 ${down}이(가) 중단되었습니다. `}파티션 ${partitions}개 중 ${offline}개에 리더가 없어 읽고 쓸 수 없습니다.`;
    case 'BROKERS_DOWN': return `브로커 ${down}이(가) 중단되었지만 모든 파티션을 읽을 수 있습니다.${under > 0 ? ` ${under}개는 복제본이 부족합니다.` : ''}${refused}`;
    case 'UNDER_REPLICATED': return `파티션 ${partitions}개 중 ${under}개에 동기화되지 않은 팔로워가 있습니다.${refused}`;
    case 'NO_TOPICS': return `정상입니다. 브로커 ${brokers}개, 토픽은 아직 없습니다.`;
    case 'ALL_WELL': return `정상입니다. 브로커 ${brokers}개가 파티션 ${partitions}개를 제공하고 있습니다.`;
  }
}

/** "2.5 minutes" and the like, as the API says them. */
function spelled(facts: Record<string, string>, ...names: string[]): Record<string, string> {
  const units: Record<string, string> = { ms: '밀리초', s: '초', minutes: '분', hours: '시간' };
  return Object.fromEntries(names.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name].replace(/ (ms|s|minutes|hours)$/, (_, unit: string) => units[unit]!)]])));
}

/** By its code; what only the cluster knows follows in its own words. */
function warningSentence({ code, broker, detail }: Schema['Warning']): string {
  switch (code) {
    case 'BROKER_OFFLINE': return `브로커 ${broker}이(가) 오프라인입니다`;
    case 'MIN_IN_SYNC_UNKNOWN': return `일부 토픽의 min.insync.replicas를 확인할 수 없습니다 (${detail})`;
    case 'LOG_DIR_OFFLINE': return `브로커 ${broker}의 로그 디렉터리가 오프라인입니다 (${detail})`;
    case 'OFFSETS_UNKNOWN': return `일부 파티션의 오프셋을 알 수 없습니다 (${detail})`;
    case 'GROUPS_UNKNOWN': return `일부 그룹을 확인할 수 없습니다 (${detail})`;
    default: return broker === undefined ? detail : `브로커 ${broker}: ${detail}`;
  }
}

export const ko: Text = {
  nav: { now: '현황', topics: '토픽', groups: '그룹', rebalances: '리밸런스', replication: '복제', brokers: '브로커', security: '보안', operations: '운영' },
  common: {
    units: { d: '일', h: '시간', m: '분', s: '초' }, themes: { system: '시스템 설정', light: '밝게', dark: '어둡게' }, morePages: '더보기',
    readOnly: '읽기 전용', search: '검색', loading: '불러오는 중', retry: '다시 시도', cancel: '취소', close: '닫기', partial: '일부를 사용할 수 없습니다',
    asOf: '기준', none: '없음', yes: '예', no: '아니요', of: '/', apply: '적용', preview: '미리 보기', before: '이전', after: '이후', all: '전체',
    typeToConfirm: (name) => `확인하려면 ${name} 입력`, more: '더 보기', theme: '테마', language: '언어', cluster: '클러스터', menu: '이동 또는 검색', skip: '본문으로', notFound: '없는 페이지입니다', home: '처음으로', healthy: '정상', degraded: '저하됨', failing: '장애', unreachable: '관리 API가 응답하지 않습니다',
  },
  now: {
    title: '현황', brokers: '온라인 브로커', topics: '토픽', partitions: '파티션', under: '복제 부족', offline: '오프라인', stored: '저장량', worstLag: '가장 뒤처진 그룹', noLag: '뒤처진 그룹이 없습니다.', busiest: '가장 바쁜 토픽', noTopics: '토픽이 아직 없습니다.', perSecond: '/초', sentence: healthSentence,
  },
  topics: {
    title: '토픽', create: '새 토픽', name: '이름', partitions: '파티션', replication: '복제본', records: '레코드', size: '크기', rate: '속도', health: '상태', empty: '토픽이 없습니다', emptyHint: '여기서 만들거나, 프로듀서가 쓰면서 만들 수 있습니다.', noMatch: '일치하는 토픽이 없습니다', internal: '내부 토픽', ok: '동기화됨', under: (n) => `${n}개 뒤처짐`, offline: (n) => `${n}개 오프라인`,
    tabs: { records: '레코드', partitions: '파티션', groups: '그룹', config: '설정', storage: '저장소', producers: '프로듀서', acks: 'acks 실습' },
    leaderEpoch: '리더 에포크', underMin: (isr, min) => `동기화 ${isr}, 필요 ${min}`, underMinHint: '동기화된 복제본이 min.insync.replicas보다 적어 acks=all 프로듀서가 거부됩니다.', leader: '리더', replicas: '복제본', isr: '동기화(ISR)', begin: '첫 오프셋', end: '끝 오프셋', noLeader: '리더 없음', count: '오프셋 수',
    grow: '파티션 추가', growTo: '총 파티션 수', growHint: '파티션은 늘릴 수만 있고 줄일 수 없습니다. 키가 있는 레코드는 이후 다른 파티션으로 갈 수 있습니다.', delete: '토픽 삭제', deleteHint: '토픽과 모든 레코드가 삭제됩니다. 되돌릴 수 없습니다.', purge: '레코드 삭제', purgeHint: '오래된 레코드부터 삭제합니다. 되돌릴 수 없습니다.', purgeAll: '모든 레코드', purgeBefore: '특정 시각 이전 레코드', purgePreview: (n) => `오프셋 ${n}개가 삭제됩니다`,
    configs: '설정 (한 줄에 하나)', configWrong: (line) => `이름=값 형식이 아닙니다: ${line}`, configKey: '키', configValue: '값', configSource: '출처', onlyOverridden: '여기서 지정한 것만', edit: '편집', reset: '기본값으로', save: '저장', logDir: '로그 디렉터리', broker: '브로커', lag: '뒤처짐', groupsEmpty: '이 토픽을 읽는 그룹이 없습니다', gone: '그사이 삭제되었을 수 있습니다.', all: '모든 토픽', default: '클러스터 기본값',
  },
  records: {
    raw: '원본 바이트', decodedBy: (type, id) => `${type} 스키마 ${id}`, notDecoded: (id) => `스키마 ${id}: 디코딩 안 됨`, blank: (n) => `공백 ${n} B`, emptyText: '비어 있음', from: '시작',
    newest: '최신', oldest: '가장 오래된', offset: '오프셋부터', time: '시각부터', filter: '필터: 키, 값, 헤더의 텍스트', filterBy: '필터 방식', partition: '파티션', allPartitions: '모든 파티션', tail: '실시간', stop: '중지', produce: '보내기', export: '내보내기', key: '키', value: '값', headers: '헤더', timestamp: '시각', until: '종료', scanned: (n) => `레코드 ${n}개 확인`, remaining: (n) => `오프셋 ${n}개 남음`, complete: '모두 확인함', matches: (n) => `${n}개 표시`, empty: '레코드가 없습니다', emptyHint: '아직 쓰인 것이 없거나 보존 기간이 지났습니다.', noMatch: '필터와 일치하는 레코드가 없습니다', waiting: '새 레코드를 기다리는 중', noKey: '키 없음', tombstone: '값 없음 (툼스톤)', truncated: '줄임', full: '전체 불러오기', text: '텍스트', json: 'JSON', hex: '16진수', numbers: '숫자', numbersHint: 'Kafka 직렬화기가 쓰는 빅 엔디언 숫자로 본 바이트입니다.', copyLink: '링크 복사', produced: (p, o) => `파티션 ${p}, 오프셋 ${o}에 기록됨`, addHeader: '헤더 추가', headerName: '헤더 이름', headerValue: '헤더 값', send: '보내기', noValue: '값 없이 (툼스톤)', go: '이동', skipped: (n) => `따라잡기 위해 ${n}개 생략`,
  },
  producers: {
    id: '프로듀서 ID', epoch: '에포크', sequence: '마지막 시퀀스', time: '마지막 레코드', open: '열린 트랜잭션', since: (offset) => `오프셋 ${offset}부터`, noneOpen: '없음', empty: '알려진 프로듀서가 없습니다', emptyHint: '리더는 멱등 프로듀서와 트랜잭션 프로듀서만, 쓰고 있는 동안 기억합니다. 다른 프로듀서는 흔적을 남기지 않습니다.',
    explain: '각 파티션의 리더가 알고 있는 멱등 및 트랜잭션 프로듀서입니다. 열린 트랜잭션이 있으면 커밋된 레코드만 읽는 컨슈머는 그 첫 오프셋에서 기다립니다.', shown: (n, of) => `${of}개 중 처음 ${n}개`,
  },
  groups: {
    title: '컨슈머 그룹', group: '그룹', state: '상태', members: '멤버', topics: '토픽', lag: '랙', lagTime: '시간 랙', protocol: '유형', empty: '컨슈머 그룹이 없습니다', emptyHint: 'group.id를 가진 컨슈머가 접속하면 나타납니다.', noMatch: '일치하는 그룹이 없습니다', partition: '파티션', committed: '커밋', end: '끝', owner: '멤버', noOwner: '없음', noOffsets: '아직 커밋된 것이 없습니다', noMembers: '멤버가 없습니다. 지금 읽는 컨슈머가 없습니다.', matrix: '누가 무엇을 읽나', offsets: '오프셋', reset: '오프셋 재설정', delete: '그룹 삭제', deleteHint: '그룹과 커밋된 오프셋이 삭제됩니다. 되돌릴 수 없습니다.', idle: '유휴', assignor: '할당 방식', coordinator: '코디네이터', host: '호스트', client: '클라이언트', static: '정적',
    trend: '추세', windows: { HOUR: '1시간', DAY: '하루' }, noHistory: '아직 측정값이 없습니다.', growing: (n) => `초당 ${n}개씩 증가`, shrinking: (n) => `초당 ${n}개씩 감소`, caughtUpIn: (t) => `이 속도면 ${t} 후 따라잡음`, worst: (n, m) => `최대 ${n} · ${m}분마다 최댓값`,
    rules: { CAUGHT_UP: '남은 레코드가 없습니다', OK: '커밋 구간 안에서 랙이 줄었거나 없었습니다', WARN: '커밋은 계속되지만 랙이 줄지 않습니다', ERR: '중지, 정체 또는 되감긴 파티션이 있습니다', STOP: '커밋 구간 전체보다 오래 커밋이 없습니다', STALL: '커밋은 계속되지만 오프셋이 그대로입니다', REWIND: '커밋이 이전 오프셋으로 되돌아갔습니다', NOTFOUND: '그룹이 없습니다' },
    basis: { CAUGHT_UP: '따라잡음', OBSERVED: '커밋되지 않은 첫 레코드가 추가된 이후', RECORD_TIMESTAMP: '레코드 자체 타임스탬프 기준', UNKNOWN: '아직 알 수 없음' },
    scope: '대상', offsetsFile: '파일의 오프셋', fileHint: 'kafka-consumer-groups --export가 쓰는 형식: 토픽,파티션,오프셋', fileWrong: (line) => `토픽,파티션,오프셋 형식이 아닌 줄: ${line}`,
    modes: { OFFSETS: '파일에서', EARLIEST: '처음으로', LATEST: '끝으로', DATETIME: '특정 시각으로', DURATION: '기간만큼 뒤로', OFFSET: '특정 오프셋으로', SHIFT_BY: '이동', FROM_GROUP: '다른 그룹과 같게', CURRENT: '현재 값 다시 커밋' },
    resetActive: '먼저 이 그룹의 컨슈머를 중지하세요. 다음 커밋이 재설정을 되돌립니다.', clamped: '로그 범위로 조정', applied: '오프셋을 재설정했습니다', noChange: '변화 없음',
  },
  rebalances: {
    title: '리밸런스 타임라인', pick: '그룹 선택', source: '이 클러스터에는 그룹 저널이 없어, 이 페이지가 열려 있는 동안 1초마다 그룹을 확인합니다. 그 사이에 끝난 리밸런스는 놓치며 원인은 알 수 없습니다.', waiting: '아직 아무 일도 없습니다. 컨슈머를 시작, 중지, 강제 종료하면 여기에 나타납니다.', chart: '멤버와 파티션', live: '실시간', notLive: '다시 연결 중', window: '표시 기간', lastMinutes: (n) => (n < 60 ? `최근 ${n}분` : `최근 ${n / 60}시간`), pickEvent: '기호를 선택하면 무슨 일이 있었는지 보입니다. 색 막대는 파티션이고, 빈 곳은 파티션이 멈춘 시간입니다.', why: '리밸런스 원인', cannotKnow: '알 수 없는 것', table: '리밸런스', when: '시각', generation: '세대', cause: '원인', who: '멤버', took: '소요', moved: '이동', longest: '최장 정지', unfinished: '진행 중', busy: '최근 1시간 동안 리밸런스한 그룹', nobody: '리밸런스한 그룹이 없습니다.', times: (n) => `${n}회`, events: '이벤트', other: '이후 버전의 이벤트',
    joined: '참여', replaced: '같은 정적 멤버로 복귀', fenced: (op) => `${op}에서 펜싱됨: 다른 프로세스가 자리를 차지`, subscribed: (a, b) => `구독 변경: ${a} → ${b}`, partitions: (t, a, b) => `토픽 ${t}의 파티션 ${a} → ${b}`, started: (c) => `리밸런스: ${c}`, begun: (g, n) => `세대 ${g}, 멤버 ${n}`, waited: (m, t) => `(${t} 대기, 마지막은 ${m})`, assigned: (n) => `파티션 ${n}개 할당`, stood: (t) => `(최대 ${t} 정지 후)`,
    departures: { LEFT: '이탈', SESSION_EXPIRED: '이탈: 세션 안에 하트비트 없음', MISSED_JOIN: '이탈: 제때 리밸런스에 참여하지 않음', MISSED_SYNC: '이탈: 할당을 요청하지 않음', OVER_CAPACITY: '이탈: 그룹이 가득 참', MISSED_REVOCATION: '이탈: 제때 파티션을 반납하지 않음', POLL_TIMEOUT: '이탈: max.poll.interval.ms 안에 poll하지 않음', UNKNOWN: '이탈 또는 시간 초과 (구분 불가)' },
    causes: { MEMBER_JOINED: '멤버 참여', MEMBER_LEFT: '멤버 이탈', SESSION_EXPIRED: '세션 시간 초과', SYNC_TIMEOUT: '할당을 요청하지 않은 멤버', SUBSCRIPTION_CHANGED: '구독 변경', PARTITIONS_CHANGED: '파티션 추가', COOPERATIVE_FOLLOW_UP: '후반부: 회수된 파티션 배정', METADATA_CHANGED: '멤버 정보 변경', LEADER_REJOINED: '리더의 요청', STATIC_MEMBER_CHANGED: '정적 멤버 변경', ASSIGNMENT_NOT_STORED: '할당 저장 실패', OVER_CAPACITY: '그룹 크기 초과', FIRST_LOOK: '첫 확인', UNKNOWN: '알 수 없음' },
    marks: { joined: '참여', left: '이탈', failed: '세션 시간 초과', slow: 'poll 지연', replaced: '정적 멤버 교체', fenced: '펜싱', changed: '파티션 또는 구독 변경' },
    verdict: (kind, facts) => {
      const f = { ...facts, ...spelled(facts, 'span', 'poll', 'away', 'limit') };
      const opening = `${f['group']}: ${f['span'] && f['count'] !== '1' ? `${f['span']} 동안 ` : ''}리밸런스 ${f['count']}회. `;
      const rest = f['others'] ? ` (그중 ${f['others']}회는 다른 원인)` : '';
      const because = {
        DUPLICATE_INSTANCE_ID: `두 프로세스가 같은 group.instance.id ${f['members']}를 써서 서로 펜싱합니다. 프로세스마다 다른 id를 주세요.`,
        SLOW_POLL: f['poll'] ? `${f['members']}의 poll 한 번에 최대 ${f['poll']}이 걸리는데 max.poll.interval.ms는 ${f['limit']}입니다. ${f['value']} 이상으로 올리거나 max.poll.records(설정하지 않으면 500)를 줄이세요.` : `${f['members']}가 max.poll.interval.ms ${f['limit'] ?? ''}보다 오래 poll하지 않았습니다. 값을 올리거나 max.poll.records를 줄이세요.`,
        CRASH: f['away'] ? `${f['members']}가 session.timeout.ms ${f['limit']} 동안 하트비트를 보내지 않다가 ${f['away']} 뒤에 돌아왔습니다. 일시 정지라면 session.timeout.ms를 ${f['value']}로, 재시작이라면 group.instance.id를 지정하세요.` : `${f['members']}가 session.timeout.ms ${f['limit'] ?? ''} 동안 하트비트를 보내지 않았고 돌아오지 않았습니다. 그 로그를 확인하세요.`,
        STATIC_MEMBER_EXPIRED: f['away'] ? `정적 멤버 ${f['members']}가 ${f['away']} 동안 없었는데 session.timeout.ms는 ${f['limit']}입니다. ${f['value']}로 올리면 재시작해도 이동이 없습니다.` : `정적 멤버 ${f['members']}가 session.timeout.ms ${f['limit'] ?? ''}보다 오래 없었고 돌아오지 않았습니다.`,
        FLAPPING: `${f['members']}가 ${f['times']}번 나갔다가 돌아왔습니다. 재시작 원인을 찾으세요. group.instance.id를 주면 session.timeout.ms 안의 재시작은 이동이 없습니다.`,
        DEPLOYMENT: `배포처럼 멤버 ${f['restarted']}개가 차례로 드나들었습니다. 멤버마다 group.instance.id를 주면 session.timeout.ms 안의 재시작은 이동이 없습니다.`,
        PARTITIONS_ADDED: f['topic'] ? `토픽 ${f['topic']}의 파티션이 ${f['before']}에서 ${f['after']}로 늘었습니다. 바꿀 것이 없습니다.` : '토픽에 파티션이 추가되었습니다. 바꿀 것이 없습니다.',
        SUBSCRIPTION_CHANGED: `${f['members']}의 구독이 바뀌었습니다. 그룹의 모든 멤버가 같은 토픽을 구독하게 하세요.`,
        MEMBERS_JOINED: f['joined'] && Number(f['joined']) >= 3 ? `멤버 ${f['joined']}개가 차례로 참여했습니다. 함께 시작하고 브로커의 group.initial.rebalance.delay.ms를 3000 이상으로 두세요.` : `${f['members']} 참여. 바꿀 것이 없습니다.`,
        MEMBERS_LEFT: `${f['members']}가 나가고 돌아오지 않았습니다. 의도한 것이라면 바꿀 것이 없습니다.`,
      }[kind];
      if (kind === 'QUIET') return `${f['group']}: 리밸런스가 없습니다.`;
      if (kind === 'DUPLICATE_INSTANCE_ID') return because;
      return because === undefined ? undefined : opening + because + rest;
    },
  },
  replication: { title: '복제', problems: '문제만', allGood: '모든 복제본이 동기화되어 있습니다.', leader: '리더', inSync: '동기화', behind: '뒤처짐', missing: '동기화 아님', none: '복제본 없음', legend: '행은 파티션, 열은 브로커입니다', elect: '선호 복제본에 리더 되돌리기', elected: (n) => `파티션 ${n}개의 리더 변경`, empty: '표시할 파티션이 없습니다' },
  brokers: { title: '브로커와 쿼럼', id: '브로커', address: '주소', rack: '랙', state: '상태', online: '온라인', down: '중단', leaders: '리더 수', replicas: '복제본', outOfSync: '비동기', size: '저장량', controller: '컨트롤러', quorum: '메타데이터 쿼럼', roles: { LEADER: '리더', VOTER: '투표자', OBSERVER: '관찰자' }, role: '역할', end: '로그 끝', lag: '뒤처짐', caughtUp: '마지막 동기화', epoch: '리더 에포크', hw: '하이 워터마크', config: '설정', details: '로그 디렉터리와 설정', diskFree: (free, of) => `${of} 중 ${free} 남음` },
  operations: {
    longWork: '오래 걸리는 작업', longWorkEmpty: '진행 중인 작업이 없고, API 시작 이후 실행된 작업도 없습니다.', stop: '중지', states: { RUNNING: '진행 중', SUCCEEDED: '완료', FAILED: '실패', CANCELLED: '중지됨' },
    kinds: { 'purge-records': '레코드 삭제', 'copy-records': '레코드 복사', 'apply-topics': '매니페스트 적용', 'reassign-partitions': '복제본 이동' }, units: { partitions: '파티션', records: '레코드', topics: '토픽' }, progress: (done, of, unit) => (of === undefined ? `${unit} ${done}개` : `${unit} ${of}개 중 ${done}개`),
    cancelMove: '이동 취소', title: '운영', audit: '감사 로그', auditEmpty: 'API 시작 이후 변경이 없습니다.', reassignments: '진행 중인 재할당', reassignmentsEmpty: '이동 중인 파티션이 없습니다.', who: '누가', what: '무엇을', when: '언제', resource: '대상', change: '이전 → 이후', adding: '추가', removing: '제거',
  },
  security: {
    title: '보안', sub: '이 클러스터에서 누가 무엇을 얼마나 할 수 있는지', acls: 'ACL', users: 'SCRAM 사용자', quotas: '클라이언트 쿼터', off: '사용하지 않음', unsupported: '이 클러스터가 제공하지 않음', denied: '조회 권한 없음', deniedHint: '콘솔의 사용자가 조회할 수 없습니다. 클러스터에 대한 DESCRIBE 권한을 부여하세요.',
    aclsOff: '권한 관리자(authorizer)가 설정되지 않아, 이 클러스터에 접속할 수 있으면 무엇이든 할 수 있습니다.', noAcls: 'ACL이 없습니다', noAclsHint: '권한 관리자가 동작하지만 부여된 권한이 없습니다. 슈퍼 사용자만 작업할 수 있습니다.', noUsers: 'SCRAM 사용자가 없습니다', noUsersHint: 'SCRAM으로 로그인하는 사용자가 없습니다.', noQuotas: '쿼터가 없습니다', noQuotasHint: '모든 클라이언트가 제한 없이 사용할 수 있습니다.',
    principal: '주체', permission: '권한', operation: '작업', resource: '대상', prefix: '이 접두사로 시작', host: '호스트', anyHost: '모든 곳', filterAcls: 'ACL 검색', user: '사용자', mechanisms: '방식과 반복 횟수', entity: '대상', everybodyElse: '그 밖의 모두', limits: '제한',
  },
  ticker: {
    title: '지금 일어나는 일', empty: '아직 아무 일도 없습니다', emptyHint: '토픽, 리더, 복제본, 브로커, 리밸런스와 변경이 일어나는 대로 나타납니다.', show: '표시', filters: { all: '전체', cluster: '클러스터', groups: '그룹', changes: '변경' }, why: '왜?', look: '보기',
    kinds: { TOPIC_CREATED: '토픽', TOPIC_DELETED: '토픽', PARTITIONS_ADDED: '토픽', LEADER_CHANGED: '리더', LEADER_LOST: '오프라인', LEADER_BACK: '리더', ISR_SHRUNK: 'ISR 축소', ISR_EXPANDED: 'ISR 확대', BROKER_DOWN: '브로커', BROKER_UP: '브로커', CONTROLLER_CHANGED: '컨트롤러', REBALANCE: '리밸런스', CHANGE: '변경' },
    rebalance: (group, cause) => `${group} 리밸런스: ${cause}`, change: (what, on) => `${on}: ${what}`, grown: (topic, a, b) => `${topic} 파티션 ${a} → ${b}`,
    broker: { BROKER_DOWN: (id) => `브로커 ${id} 다운`, BROKER_UP: (id) => `브로커 ${id} 온라인`, CONTROLLER_CHANGED: (id) => `활성 컨트롤러: ${id}` },
    one: { TOPIC_CREATED: (on) => `${on} 생성됨`, TOPIC_DELETED: (on) => `${on} 삭제됨`, LEADER_CHANGED: (on, a, b) => `${on} 리더 ${a} → ${b}`, LEADER_LOST: (on, a) => `${on} 리더 없음 (이전 ${a})`, LEADER_BACK: (on, _a, b) => `${on} 리더 복귀: ${b}`, ISR_SHRUNK: (on, a, b) => `${on} 동기화: ${a} → ${b}`, ISR_EXPANDED: (on, a, b) => `${on} 동기화: ${a} → ${b}` },
    many: { TOPIC_CREATED: (n) => `토픽 ${n}개 생성됨`, TOPIC_DELETED: (n) => `토픽 ${n}개 삭제됨`, PARTITIONS_ADDED: (n) => `토픽 ${n}개의 파티션이 늘어남`, LEADER_CHANGED: (n, on) => `${on ? `${on} ` : ''}파티션 ${n}개의 리더 변경`, LEADER_LOST: (n, on) => `${on ? `${on} ` : ''}파티션 ${n}개의 리더 없음`, LEADER_BACK: (n, on) => `${on ? `${on} ` : ''}파티션 ${n}개의 리더 복귀`, ISR_SHRUNK: (n, on) => `${on ? `${on} ` : ''}파티션 ${n}개의 동기화 복제본 감소`, ISR_EXPANDED: (n, on) => `${on ? `${on} ` : ''}파티션 ${n}개의 동기화 복제본 증가` },
  },
  acks: {
    title: 'acks 실습', explain: 'acks는 얼마나 걸리고 무엇을 보장할까요? 각 설정은 이 토픽의 쌍둥이에서 실행됩니다. 같은 브로커에 같은 복제본과 설정으로 만들고, 끝나면 삭제합니다. 이 토픽 자체에는 쓰지 않습니다. 실행 중에 브로커를 멈추면 설정마다 무엇을 잃는지 볼 수 있습니다.',
    records: '설정별 레코드 수', rate: '초당 레코드', size: '레코드 바이트', retry: '프로듀서 재시도 허용 (끄면 거부 이유가 바로 나타납니다)', danger: (n, records, rate, s) => `이 토픽의 브로커에 ${n} × 레코드 ${records}개를 초당 ${rate}개씩 씁니다. 약 ${s}초.`, run: '실습 실행', stop: '이번까지만', running: (what, at, of) => `${what}: ${of}개 중 ${at}번째 실행 중 …`, results: '확인 응답까지 걸린 시간', none: '아직 실행하지 않았습니다', noneHint: '설정별 히스토그램이 나란히 표시됩니다.',
    setting: (acks, min) => (acks === 'all' ? `acks=all, min.insync.replicas=${min}` : `acks=${acks}`), median: '중앙값', max: '최대', until: (t) => `~${t}`, noLatency: '확인 응답이 없습니다.', acknowledged: (n, of) => `${of}개 중 ${n}개 확인`, lost: (n) => `확인 후 유실 ${n}개`, duplicates: (n) => `중복 ${n}개`, isr: (a, b, of) => (a === b ? `동기화 ${a}/${of}` : `동기화 ${a} → ${b}/${of}`),
    refused: (min, isr) => `거부됨: 동기화된 복제본이 ${min}개 필요하지만 ${isr}개입니다.`, unreadable: (n) => `아직 읽을 수 없음 ${n}개`, unreadableNow: (n, min, isr) => `레코드 ${n}개가 확인되었지만, 복제본 ${min}개가 동기화될 때까지 아무도 읽을 수 없습니다. 지금은 ${isr}개입니다.`, notRun: '이 설정은 실행하지 못했습니다', lostSome: (n, acks) => `acks=${acks}로 확인된 레코드 ${n}개가 사라졌습니다.`, someFailed: (n) => `레코드 ${n}개가 확인되지 않았고, 프로듀서가 알고 있습니다.`,
    promise: { '0': '프로듀서가 기다리지 않습니다. 네트워크에 넘기는 시간일 뿐, 아무 보장이 없습니다.', '1': '리더가 받았습니다. 팔로워가 받기 전에 리더가 죽으면 유실됩니다.', all: '동기화된 모든 복제본이 받았습니다. 리더가 죽어도 남습니다.' },
  },
  move: {
    title: '복제본 이동', explain: '이 토픽을 둘 브로커와 파티션당 복제본 수를 고르세요. 프로듀서와 컨슈머가 계속 동작하는 동안 레코드를 복사하고, 새 복제본이 동기화되면 이전 복제본을 제거합니다.', brokers: '브로커', spread: '고르게 분산', nothing: '이미 모두 그 자리에 있습니다.', start: '이동 시작',
    tooFew: (n) => `브로커 ${n}개를 골랐습니다. 복제본은 브로커마다 하나씩, 파티션당 1~${Math.max(1, n)}개까지 가능합니다.`, summary: (partitions, replicas, size) => `파티션 ${partitions}개 변경, 복제본 ${replicas}개 복사, 약 ${size}`,
  },
  clone: { title: '복제 토픽 만들기', explain: '파티션, 복제본, 설정이 같은 토픽을 만듭니다.', name: '새 토픽 이름', records: '레코드도 복사', preview: (partitions, replicas, records) => `파티션 ${partitions}개, 파티션마다 복제본 ${replicas}개, 레코드 ${records}개`, made: (name) => `${name} 토픽을 만들었습니다` },
  manifests: {
    title: '매니페스트 적용', explain: 'Strimzi KafkaTopic 매니페스트(문서 하나 또는 여러 개)입니다. 없는 토픽은 만들고, 파티션 추가와 설정을 매니페스트대로 맞춥니다. 아무것도 삭제하지 않습니다.', file: '또는 파일에서',
    would: { CREATED: '생성 예정', CONFIGURED: '변경 예정', UNCHANGED: '이미 같음', FAILED: '적용 불가' }, done: { CREATED: '생성됨', CONFIGURED: '변경됨', UNCHANGED: '이미 같았음', FAILED: '실패' },
  },
  forget: { title: '오프셋 삭제', explain: '그룹이 커밋한 오프셋을 잊습니다. 컨슈머는 그곳에서 auto.offset.reset에 따라 시작합니다. 멤버가 읽고 있는 토픽은 거부됩니다. 되돌릴 수 없습니다.' },
  transactions: { title: '트랜잭션', id: '트랜잭션 ID', empty: '알려진 트랜잭션 프로듀서가 없습니다.' },
  warning: warningSentence,
  palette: { placeholder: '페이지, 토픽, 그룹으로 이동', nothing: '결과 없음' },
};
