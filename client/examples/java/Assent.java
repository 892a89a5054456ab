/** Asks Assent, and takes everything but a permit whose terms are kept for a no. Java 17 or later, no packages. */

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public final class Assent {
    /** Users of one request for an audience, and bytes of an answer: around, for each question, for each field of a user. */
    private static final int PART = 1_000, AROUND = 65_536, EACH = 8_192, EACH_FIELD = 512;

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "[::1]", "localhost");

    public record Question(String user, String field) {}

    public record Answer(boolean permitted, String reason) {}

    /** Why there is no answer to rest on. */
    @SuppressWarnings("serial")
    private static final class No extends Exception {
        No(String reason) {
            super(reason);
        }
    }

    private final String base;
    private final String token;
    private final String purpose;
    private final Set<String> discharges;
    private final Duration timeout;
    private final HttpClient client;

    /**
     * @param discharges ids of the obligations that the caller keeps
     * @param timeout of a whole answer
     */
    public Assent(String base, String token, String purpose, Set<String> discharges, Duration timeout) {
        URI address = URI.create(base);
        if (!"https".equals(address.getScheme()) && !LOOPBACK.contains(String.valueOf(address.getHost())))
            throw new IllegalArgumentException(
                    "the address is not safe for a token: set an https address, or a loopback one");
        this.base = base.replaceAll("/+$", "");
        this.token = token;
        this.purpose = purpose;
        this.discharges = discharges;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    public Answer check(String user, String field) {
        return checkMany(List.of(new Question(user, field))).get(0);
    }

    /** An answer for each question, in order; up to 1,000. What goes wrong is a no, and throws nothing. */
    public List<Answer> checkMany(List<Question> questions) {
        String items = questions.stream()
                .map(question -> "{\"resource\":{\"type\":\"field\",\"id\":" + Json.quoted(question.field())
                        + ",\"properties\":{\"user\":" + Json.quoted(question.user()) + "}}}")
                .collect(Collectors.joining(","));
        String body = "{\"subject\":{\"type\":\"purpose\",\"id\":" + Json.quoted(purpose)
                + "},\"action\":{\"name\":\"read\"},\"evaluations\":[" + items + "]}";
        try {
            int most = AROUND + EACH * questions.size();
            String text = exchange("/access/v1/evaluations", "application/json", body, most);
            if (!(member(Json.read(text), "evaluations") instanceof List<?> evaluations)
                    || evaluations.size() != questions.size()) throw new No("malformed_answer");
            List<Answer> answers = new ArrayList<>();
            for (Object evaluation : evaluations) answers.add(answer(evaluation));
            return answers;
        } catch (No why) {
            return Collections.nCopies(questions.size(), new Answer(false, why.getMessage()));
        }
    }

    /** What may be read of a record of this user. Each name is a field. */
    public <Value> Map<String, Value> filter(String user, Map<String, Value> record) {
        List<String> fields = List.copyOf(record.keySet());
        List<Answer> answers = checkMany(fields.stream().map(field -> new Question(user, field)).toList());
        Map<String, Value> shown = new LinkedHashMap<>();
        for (int at = 0; at < fields.size(); at++)
            if (answers.get(at).permitted()) shown.put(fields.get(at), record.get(fields.get(at)));
        return shown;
    }

    /** Tells of each of any number of users, in order, which of the fields may be read. */
    public void audience(List<String> users, List<String> fields, BiConsumer<String, List<String>> tell) {
        for (int from = 0; from < users.size(); from += PART) {
            List<String> part = users.subList(from, Math.min(users.size(), from + PART));
            List<List<String>> allowed;
            try {
                allowed = part(part, fields);
            } catch (No why) {
                allowed = Collections.nCopies(part.size(), List.of());
            }
            for (int at = 0; at < part.size(); at++) tell.accept(part.get(at), allowed.get(at));
        }
    }

    /** A sentence for people, which names no user. */
    public String explain(String user, String field) {
        Answer answer = check(user, field);
        if (answer.permitted()) return purpose + " may read " + field + " of this user";
        return purpose + " may not read " + field + " of this user: " + answer.reason();
    }

    private Answer answer(Object evaluation) throws No {
        Object decision = member(evaluation, "decision");
        Object terms = member(evaluation, "context");
        Object reason = member(terms, "reason");
        if (Boolean.FALSE.equals(decision))
            return new Answer(false, reason instanceof String why ? why : "invalid_question");
        if (!Boolean.TRUE.equals(decision) || !"permitted".equals(reason) || member(terms, "error") != null)
            throw new No("malformed_answer");
        return keeps(terms) ? new Answer(true, "permitted") : new Answer(false, "unknown_obligation");
    }

    /** Whether the caller keeps every obligation of what is permitted on these terms. */
    private boolean keeps(Object terms) throws No {
        if (!isText(member(terms, "policy")) || !isText(member(terms, "revision"))) throw new No("malformed_answer");
        return discharges.containsAll(texts(member(terms, "obligations")));
    }

    private List<List<String>> part(List<String> users, List<String> fields) throws No {
        String query = "purpose=" + encoded(purpose) + "&fields=" + encoded(String.join(",", fields));
        String body = users.stream().map(user -> Json.quoted(user) + "\n").collect(Collectors.joining());
        int most = AROUND + (EACH + EACH_FIELD * fields.size()) * users.size();
        String text = exchange("/v1/audiences?" + query, "application/x-ndjson", body, most);
        List<String> lines = Arrays.asList(text.split("\n", -1));
        // the last line is the proof that nothing was cut off; behind it is nothing
        if (lines.size() != users.size() + 2 || !lines.get(users.size() + 1).isEmpty())
            throw new No("malformed_answer");
        List<List<String>> allowed = new ArrayList<>();
        long malformed = 0;
        for (int at = 0; at < users.size(); at++) {
            Object line = Json.read(lines.get(at));
            Object error = member(line, "error");
            if (isText(error) && isNumber(member(line, "line"), at + 1)) {
                malformed++;
                allowed.add(List.of());
                continue;
            }
            List<String> permitted = texts(member(line, "fields"));
            boolean isKnown = fields.containsAll(permitted) && Set.copyOf(permitted).size() == permitted.size();
            if (error != null || !users.get(at).equals(member(line, "user")) || !isKnown)
                throw new No("malformed_answer");
            allowed.add(permitted);
        }
        Object summary = Json.read(lines.get(users.size()));
        if (!isNumber(member(summary, "users"), users.size() - malformed)
                || !isNumber(member(summary, "malformed_lines"), malformed)) throw new No("malformed_answer");
        if (!keeps(summary)) throw new No("unknown_obligation");
        return allowed;
    }

    /** The body of a whole answer to this very request. */
    private String exchange(String path, String media, String body, int most) throws No {
        String id = UUID.randomUUID().toString();
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("authorization", "Bearer " + token)
                .header("content-type", media)
                .header("accept", media)
                .header("x-request-id", id)
                .POST(BodyPublishers.ofString(body))
                .build();
        // the time-out of a request ends with the headers of its answer; this one ends with its body
        CompletableFuture<HttpResponse<byte[]>> answered = client.sendAsync(request, about -> new Bounded(most));
        HttpResponse<byte[]> response;
        try {
            response = answered.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new No("timed_out");
        } catch (ExecutionException failed) {
            throw new No("unreachable");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new No("aborted");
        } finally {
            answered.cancel(true);
        }
        if (response.statusCode() != 200) throw new No("status_" + response.statusCode());
        List<String> type = response.headers().allValues("content-type");
        String given = String.join(";", type).replace(" ", "").toLowerCase(Locale.ROOT);
        boolean isOurs = response.headers().allValues("x-request-id").equals(List.of(id))
                && (given.equals(media) || given.equals(media + ";charset=utf-8"));
        if (!isOurs || response.headers().firstValue("content-encoding").isPresent()) throw new No("malformed_answer");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(response.body())).toString();
        } catch (CharacterCodingException error) {
            throw new No("malformed_answer");
        }
    }

    /** Takes a body up to a size. */
    private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int most;
        private Flow.Subscription subscription;

        Bounded(int most) {
            this.most = most;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> items) {
            for (ByteBuffer item : items) {
                byte[] chunk = new byte[item.remaining()];
                item.get(chunk);
                bytes.writeBytes(chunk);
            }
            if (bytes.size() <= most) return;
            subscription.cancel();
            body.completeExceptionally(new No("malformed_answer"));
        }

        @Override
        public void onError(Throwable error) {
            body.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            body.complete(bytes.toByteArray());
        }
    }

    /**
     * JSON of which every reader would take the same: a name that stands twice is refused. Java has no reader of its own; of
     * Jackson's, set STRICT_DUPLICATE_DETECTION and FAIL_ON_TRAILING_TOKENS.
     */
    private static final class Json {
        private static final Pattern WORD =
                Pattern.compile("true|false|null|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?");
        private static final int DEEPEST = 100;

        private final String text;
        private int at = 0;

        private Json(String text) {
            this.text = text;
        }

        static Object read(String text) throws No {
            Json json = new Json(text);
            Object value = json.value(0);
            if (json.next() != 0) throw new No("malformed_answer");
            return value;
        }

        /** All that is not ASCII is escaped, so that half a character does not become a question mark on the way. */
        static String quoted(String text) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char letter : text.toCharArray())
                quoted.append(letter < ' ' || letter > '~' || letter == '"' || letter == '\\'
                        ? String.format("\\u%04x", (int) letter)
                        : String.valueOf(letter));
            return quoted.append('"').toString();
        }

        /** The next character that is no space; 0 at the end. */
        private char next() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private boolean takes(char expected) {
            if (next() != expected) return false;
            at++;
            return true;
        }

        private void must(boolean isSo) throws No {
            if (!isSo) throw new No("malformed_answer");
        }

        private Object value(int depth) throws No {
            must(depth < DEEPEST);
            char first = next();
            if (first == '"') return string();
            if (takes('[')) {
                List<Object> list = new ArrayList<>();
                if (takes(']')) return list;
                do list.add(value(depth + 1));
                while (takes(','));
                must(takes(']'));
                return list;
            }
            if (takes('{')) {
                Map<String, Object> members = new LinkedHashMap<>();
                if (takes('}')) return members;
                do {
                    String name = string();
                    must(takes(':') && !members.containsKey(name));
                    members.put(name, value(depth + 1));
                } while (takes(','));
                must(takes('}'));
                return members;
            }
            Matcher found = WORD.matcher(text).region(at, text.length());
            must(found.lookingAt());
            at = found.end();
            String word = found.group();
            return switch (word) {
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> Double.valueOf(word);
            };
        }

        private String string() throws No {
            must(takes('"'));
            StringBuilder string = new StringBuilder();
            while (true) {
                char letter = letter();
                if (letter == '"') return string.toString();
                must(letter >= ' ');
                string.append(letter == '\\' ? escaped() : letter);
            }
        }

        private char escaped() throws No {
            char letter = letter();
            if (letter != 'u') {
                int known = "\"\\/bfnrt".indexOf(letter);
                must(known >= 0);
                return "\"\\/\b\f\n\r\t".charAt(known);
            }
            int code = 0;
            for (int digits = 0; digits < 4; digits++) {
                int digit = Character.digit(letter(), 16);
                must(digit >= 0);
                code = 16 * code + digit;
            }
            return (char) code;
        }

        private char letter() throws No {
            must(at < text.length());
            return text.charAt(at++);
        }
    }

    private static Object member(Object value, String name) {
        return value instanceof Map<?, ?> members ? members.get(name) : null;
    }

    private static boolean isText(Object value) {
        return value instanceof String text && !text.isEmpty();
    }

    private static boolean isNumber(Object value, long expected) {
        return value instanceof Double number && number == expected;
    }

    private static List<String> texts(Object value) throws No {
        if (!(value instanceof List<?> list) || !list.stream().allMatch(Assent::isText))
            throw new No("malformed_answer");
        return list.stream().map(String.class::cast).toList();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) {
        Map<String, String> settings = System.getenv();
        Assent assent = new Assent(
                settings.getOrDefault("ASSENT_URL", "http://127.0.0.1:3000"),
                settings.getOrDefault("ASSENT_TOKEN", ""),
                "ads.personalised",
                // groups of 300 are groups of 50 as well
                Set.of("min_cohort_50", "min_cohort_300"),
                Duration.ofMillis((long) (1000 * Double.parseDouble(settings.getOrDefault("ASSENT_TIMEOUT", "2")))));
        List<String> users = List.of("u-123", "u-456");
        System.out.println("check: " + said(assent.check("u-123", "member.skills")));
        List<Question> questions = users.stream().map(user -> new Question(user, "member.skills")).toList();
        System.out.println("check many: "
                + assent.checkMany(questions).stream().map(Assent::said).collect(Collectors.joining(", ")));
        Map<String, String> record = Map.of("member.skills", "welding", "message.body", "hello");
        System.out.println("filter: " + listed(List.copyOf(assent.filter("u-123", record).keySet()), "nothing"));
        List<String> passing = new ArrayList<>();
        assent.audience(users, List.of("member.skills"), (user, fields) -> {
            if (fields.contains("member.skills")) passing.add(user);
        });
        System.out.println("audience: " + listed(passing, "nobody"));
        System.out.println("explain: " + assent.explain("u-456", "member.skills"));
    }

    private static String said(Answer answer) {
        return answer.permitted() ? "yes" : "no";
    }

    private static String listed(List<String> list, String none) {
        return list.isEmpty() ? none : String.join(", ", list);
    }
}
