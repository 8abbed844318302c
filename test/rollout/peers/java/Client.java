// A client of grpc-java for the rollout test. It plays the plan that the environment variable CLIENT has, as client-plan.ts describes it.

import com.google.gson.Gson;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.SocketAddress;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

public final class Client {
  static final class Plan {
    String name, host, calls, serviceConfig, ca, serverName;
    int port, mostOpen, lookUpMs;
    double rate;
    long atMostMs;
    List<Call> methods, lasting;
  }

  static final class Call {
    String method, path, kind, request, goodEnd;
    Map<String, String> headers;
    double share;
    int timeoutMs, count, requests, responses, everyMs;
  }

  static final Gson GSON = new Gson();
  static final Plan PLAN = GSON.fromJson(System.getenv("CLIENT"), Plan.class);
  static final CountDownLatch ENDING = new CountDownLatch(1);
  static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(2, work -> {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  });
  static final AtomicInteger open = new AtomicInteger();
  static final AtomicInteger made = new AtomicInteger();
  static ManagedChannel channel;
  static PrintWriter file;

  public static void main(String[] args) throws Exception {
    // What Java keeps of look-ups, and how long grpc-java waits until the next.
    String ttl = String.valueOf(PLAN.lookUpMs / 1000);
    java.security.Security.setProperty("networkaddress.cache.ttl", ttl);
    java.security.Security.setProperty("networkaddress.cache.negative.ttl", "0");
    System.setProperty("networkaddress.cache.ttl", ttl);
    file = new PrintWriter(PLAN.calls, "UTF-8");
    channel = openChannel();
    // Its own way to end at SIGTERM would end the process with its streams.
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      ENDING.countDown();
      try {
        ended.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException ignored) {
      }
    }));
    TIMER.schedule(ENDING::countDown, PLAN.atMostMs, TimeUnit.MILLISECONDS);
    endWithParent();
    watchStalls();
    say(Map.of("event", "started", "version", version()));
    for (Call call : PLAN.lasting) {
      for (int i = 0; i < call.count; i++) {
        keepOpen(call);
      }
    }
    int leftOut = callAway();
    while (open.get() > 0) {
      Thread.sleep(20);
    }
    synchronized (file) {
      file.close();
    }
    say(Map.of("event", "ended", "leftOut", leftOut));
    ended.countDown();
    Runtime.getRuntime().halt(0);
  }

  static ManagedChannel openChannel() throws Exception {
    String target = "dns:///" + PLAN.host + ":" + PLAN.port;
    ManagedChannelBuilder<?> builder = PLAN.ca == null
        ? Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
        : Grpc.newChannelBuilder(target, TlsChannelCredentials.newBuilder().trustManager(new File(PLAN.ca)).build())
            .overrideAuthority(PLAN.serverName);
    @SuppressWarnings("unchecked")
    Map<String, ?> config = GSON.fromJson(PLAN.serviceConfig, Map.class);
    return builder.defaultServiceConfig(config).enableRetry().build();
  }

  static String version() {
    String jar = ManagedChannel.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.replaceAll(".*grpc-api-(.*)\\.jar", "$1");
  }

  static boolean isEnding() {
    return ENDING.getCount() == 0;
  }

  static int callAway() throws InterruptedException {
    long began = System.nanoTime();
    int leftOut = 0;
    for (int calls = 0; !isEnding(); Thread.sleep(5)) {
      for (int due = (int) ((System.nanoTime() - began) / 1e9 * PLAN.rate); calls < due; calls++) {
        if (open.get() >= PLAN.mostOpen) {
          leftOut++;
        } else {
          call(next());
        }
      }
    }
    return leftOut;
  }

  static Call next() {
    double at = ThreadLocalRandom.current().nextDouble() * 100;
    for (Call call : PLAN.methods) {
      at -= call.share;
      if (at < 0) {
        return call;
      }
    }
    return PLAN.methods.get(0);
  }

  static void keepOpen(Call call) {
    if (!isEnding()) {
      call(call).thenAccept(well -> TIMER.schedule(() -> keepOpen(call), well ? 0 : 200, TimeUnit.MILLISECONDS));
    }
  }

  static CompletableFuture<Boolean> call(Call planned) {
    MethodDescriptor<byte[], byte[]> method = MethodDescriptor.newBuilder(BYTES, BYTES)
        .setFullMethodName(planned.path.substring(1))
        .setType(switch (planned.kind) {
          case "unary" -> MethodDescriptor.MethodType.UNARY;
          case "client" -> MethodDescriptor.MethodType.CLIENT_STREAMING;
          case "server" -> MethodDescriptor.MethodType.SERVER_STREAMING;
          default -> MethodDescriptor.MethodType.BIDI_STREAMING;
        })
        .build();
    CallOptions options = planned.timeoutMs > 0
        ? CallOptions.DEFAULT.withDeadlineAfter(planned.timeoutMs, TimeUnit.MILLISECONDS)
        : CallOptions.DEFAULT;
    open.incrementAndGet();
    String id = PLAN.name + ":" + made.incrementAndGet();
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-call-id", Metadata.ASCII_STRING_MARSHALLER), id);
    if (planned.headers != null) {
      planned.headers.forEach((name, value) -> headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    }
    ClientCall<byte[], byte[]> call = channel.newCall(method, options);
    Listener listener = new Listener(planned, id, call);
    call.start(listener, headers);
    call.request(Integer.MAX_VALUE);
    byte[] request = Base64.getDecoder().decode(planned.request);
    send(planned, call, request, 0, listener.done);
    if (planned.requests < 0 || planned.goodEnd != null) {
      cancelAtEnd(call, listener.done);
    }
    return listener.done;
  }

  static void send(Call planned, ClientCall<byte[], byte[]> call, byte[] request, int sent, CompletableFuture<Boolean> done) {
    if (done.isDone()) {
      return;
    }
    if (sent == planned.requests || isEnding()) {
      call.halfClose();
      return;
    }
    call.sendMessage(request);
    if (planned.everyMs == 0) {
      send(planned, call, request, sent + 1, done);
    } else {
      TIMER.schedule(() -> send(planned, call, request, sent + 1, done), planned.everyMs, TimeUnit.MILLISECONDS);
    }
  }

  static void cancelAtEnd(ClientCall<byte[], byte[]> call, CompletableFuture<Boolean> done) {
    if (isEnding()) {
      call.cancel("The client ends", null);
    } else if (!done.isDone()) {
      TIMER.schedule(() -> cancelAtEnd(call, done), 100, TimeUnit.MILLISECONDS);
    }
  }

  static final class Listener extends ClientCall.Listener<byte[]> {
    final CompletableFuture<Boolean> done = new CompletableFuture<>();
    final Call planned;
    final ClientCall<?, ?> call;
    final Map<String, Object> entry = new LinkedHashMap<>();
    int count;
    byte[] last = {};

    Listener(Call planned, String id, ClientCall<?, ?> call) {
      this.planned = planned;
      this.call = call;
      entry.put("id", id);
      entry.put("method", planned.method);
      entry.put("startedAt", System.currentTimeMillis());
    }

    @Override
    public void onHeaders(Metadata headers) {
      entry.put("committed", true);
    }

    @Override
    public void onMessage(byte[] message) {
      count++;
      last = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      String said = Base64.getEncoder().encodeToString(last);
      if (planned.goodEnd != null && count > 0 && planned.goodEnd.equals(said)) {
        status = Status.OK;
      } else if (status.isOk() && planned.responses >= 0 && count != planned.responses) {
        status = Status.UNKNOWN.withDescription("The stream ended well after " + count + " of " + planned.responses + " messages");
      }
      SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      entry.put("endedAt", System.currentTimeMillis());
      entry.put("status", status.getCode().name());
      if (!status.isOk()) {
        entry.put("message", status.getDescription() + (status.getCause() == null ? "" : " " + status.getCause()));
      }
      entry.put("peers", peer == null ? List.of() : List.of(peer.toString().replaceFirst("^.*/", "")));
      // What this process ends itself, at its own end, tells nothing.
      if (!(isEnding() && status.getCode() == Status.Code.CANCELLED)) {
        synchronized (file) {
          file.println(GSON.toJson(entry));
        }
      }
      open.decrementAndGet();
      done.complete(status.isOk());
    }
  }

  /** The requests come as they are sent. */
  static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  };

  static synchronized void say(Map<String, ?> event) {
    System.out.println(GSON.toJson(event));
    System.out.flush();
  }

  /** The test that started it is gone. */
  static void endWithParent() {
    Thread thread = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {}
      } catch (java.io.IOException ignored) {
      }
      Runtime.getRuntime().halt(1);
    });
    thread.setDaemon(true);
    thread.start();
  }

  /** As machine-stalls.ts has it: a turn that came late, without what this process computed itself. */
  static void watchStalls() {
    var system = (com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    Thread thread = new Thread(() -> {
      long last = System.nanoTime();
      long cpu = system.getProcessCpuTime();
      while (true) {
        try {
          Thread.sleep(20);
        } catch (InterruptedException error) {
          return;
        }
        long now = System.nanoTime();
        long used = system.getProcessCpuTime();
        long starved = (now - last - (used - cpu)) / 1_000_000 - 20;
        if (starved > 60) {
          long to = System.currentTimeMillis();
          say(Map.of("event", "stalled", "from", to - starved, "to", to));
        }
        last = now;
        cpu = used;
      }
    });
    thread.setDaemon(true);
    thread.start();
  }
}
