// Java's HttpClient, as a team uses it that has no client library: chat completions, read and written as JSON by hand.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Client {
  static final String URL = System.getenv("CLIENT_URL") + "/v1/chat/completions";
  static final String KEY = System.getenv("CLIENT_KEY");
  static final String PICTURE = "data:image/png;base64," + System.getenv("CLIENT_PICTURE");
  static final Pattern CONTENT = Pattern.compile("\"content\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  static final Pattern CALL =
      Pattern.compile("\"name\":\\s*\"([^\"]+)\",\\s*\"arguments\":\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  static final Pattern COUNTS =
      Pattern.compile("\"prompt_tokens\":\\s*(\\d+),\\s*\"completion_tokens\":\\s*(\\d+)");
  static final Pattern CACHED = Pattern.compile("\"cached_tokens\":\\s*(\\d+)");
  static final String CITY =
      "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}";
  static final String TOOLS =
      ",\"tools\":["
          + function("get_weather", CITY)
          + ","
          + function("now", "{\"type\":\"object\",\"properties\":{}}")
          + "]";
  static final HttpClient HTTP = HttpClient.newHttpClient();

  interface Feature {
    String attempt(String model) throws Exception;
  }

  static String function(String name, String parameters) {
    return "{\"type\":\"function\",\"function\":{\"name\":\"" + name + "\",\"parameters\":" + parameters + "}}";
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  static HttpRequest request(String model, String content, String more, String key) {
    String body = "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]";
    return HttpRequest.newBuilder(URI.create(URL))
        .header("content-type", "application/json")
        .header("authorization", "Bearer " + key)
        .POST(HttpRequest.BodyPublishers.ofString(body + more + "}"))
        .build();
  }

  static HttpResponse<String> send(String model, String text, String more, String key) throws Exception {
    return HTTP.send(request(model, quoted(text), more, key), BodyHandlers.ofString());
  }

  static String ask(String model, String text, String more) throws Exception {
    HttpResponse<String> answer = send(model, text, more, KEY);
    if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
    return answer.body();
  }

  static String first(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? found.group(1) : "";
  }

  static String calls(String answer) {
    List<String> found = new ArrayList<>();
    Matcher call = CALL.matcher(answer);
    while (call.find()) {
      found.add("[\"" + call.group(1) + "\"," + call.group(2).replace("\\\"", "\"") + "]");
    }
    return "{\"calls\":[" + String.join(",", found) + "]}";
  }

  static String counts(String answer) {
    Matcher found = COUNTS.matcher(answer);
    if (!found.find()) return "[]";
    return "[" + found.group(1) + "," + first(CACHED, answer) + "," + found.group(2) + "]";
  }

  static List<String> events(String model, String text, String more) throws Exception {
    HttpRequest asked = request(model, quoted(text), ",\"stream\":true" + more, KEY);
    return HTTP.send(asked, BodyHandlers.ofLines()).body().filter(line -> line.startsWith("data: {")).toList();
  }

  static String streamed(String model) throws Exception {
    List<String> pieces = new ArrayList<>();
    for (String event : events(model, "Say hello.", "")) {
      String piece = first(CONTENT, event);
      if (!piece.isEmpty()) pieces.add(piece);
    }
    return "{\"text\":\"" + String.join("", pieces) + "\",\"pieces\":" + (pieces.size() > 2) + "}";
  }

  static String cancelled(String model) throws Exception {
    String tag = System.getenv("CLIENT_NAME") + "-" + model;
    HttpRequest asked = request(model, quoted("@slow " + tag), ",\"stream\":true", KEY);
    var body = HTTP.send(asked, BodyHandlers.ofInputStream()).body();
    try (var lines = new BufferedReader(new InputStreamReader(body))) {
      lines.readLine();
    }
    return "{\"left\":\"" + tag + "\"}";
  }

  static String status(String model, String text, String key) throws Exception {
    HttpResponse<String> answer = send(model, text, "", key);
    return "\"" + answer.statusCode() + " " + first(Pattern.compile("\"type\":\\s*\"([^\"]+)\""), answer.body()) + "\"";
  }

  static String errors(String model) throws Exception {
    return "{\"key\":" + status(model, "x", "sk-nobody")
        + ",\"model\":" + status("ghost", "x", KEY)
        + ",\"request\":" + status(model, "@fail 400", KEY)
        + ",\"limit\":" + status(model, "@fail 429", KEY) + "}";
  }

  static String pictured(String model) throws Exception {
    String content = "[{\"type\":\"text\",\"text\":\"What is this?\"},"
        + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + PICTURE + "\"}}]";
    return "{\"text\":\"" + first(CONTENT, HTTP.send(request(model, content, "", KEY), BodyHandlers.ofString()).body()) + "\"}";
  }

  static void attempt(String model, String name, Feature feature) {
    String told = "{\"model\":\"" + model + "\",\"feature\":\"" + name + "\",";
    try {
      System.out.println(told + "\"got\":" + feature.attempt(model) + "}");
    } catch (Exception error) {
      System.out.println(told + "\"error\":" + quoted(error.toString()) + "}");
    }
  }

  public static void main(String[] arguments) {
    String cities = "@call get_weather {\"city\": \"Fuzhou\"}\n@call get_weather {\"city\": \"Xiamen\"}";
    String choice = ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}";
    String place = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"degrees\":{\"type\":\"integer\"}},"
        + "\"required\":[\"city\",\"degrees\"],\"additionalProperties\":false}";
    String form = ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"place\",\"schema\":" + place + "}}";
    String usage = ",\"stream_options\":{\"include_usage\":true}";
    for (String model : System.getenv("CLIENT_MODELS").replaceAll("[\\[\\]\" ]", "").split(",")) {
      attempt(model, "chat", m -> "{\"text\":\"" + first(CONTENT, ask(m, "Say hello.", "")) + "\"}");
      attempt(model, "stream", Client::streamed);
      attempt(model, "tools", m -> calls(ask(m, cities, TOOLS)));
      attempt(model, "forced", m -> calls(ask(m, "Say hello.", TOOLS + choice)));
      attempt(model, "no_arguments", m -> calls(ask(m, "@call now {}", TOOLS)));
      attempt(model, "structured",
          m -> "{\"value\":" + first(CONTENT, ask(m, "Say hello.", form)).replace("\\\"", "\"") + "}");
      attempt(model, "images", Client::pictured);
      attempt(model, "usage", m -> {
        List<String> events = events(m, "Say hello.", usage);
        String last = events.get(events.size() - 1);
        return "{\"whole\":" + counts(ask(m, "Say hello.", "")) + ",\"streamed\":" + counts(last) + "}";
      });
      attempt(model, "cancel", Client::cancelled);
      attempt(model, "errors", Client::errors);
    }
  }
}
