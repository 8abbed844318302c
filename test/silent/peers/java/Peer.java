import com.google.gson.Gson;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A peer of grpc-java: it serves and calls as the lines on its stdin say (see ../../peers.ts). Messages are bytes here, so that no code
 * has to be generated.
 */
public final class Peer {
  private static final String SERVICE = "probe.v1.ProbeService";
  private static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  private static final MethodDescriptor<byte[], byte[]> STREAM = method("ServerStream", MethodType.SERVER_STREAMING);
  private static final Gson GSON = new Gson();
  private static final List<Server> SERVERS = new ArrayList<>();

  static final class Work {
    String target;
    boolean stream;
    int count;
    int everyMs;
    int waitMs;
    int requestBytes;
    int responseBytes;
    int keepaliveMs;
  }

  static final class Line {
    int id;
    String todo;
    Work with;
  }

  public static void main(String[] args) throws Exception {
    say(Map.of("event", "ready"));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String text = lines.readLine(); text != null; text = lines.readLine()) {
      // `do` can't be a field's name here.
      Line line = GSON.fromJson(text.replace("\"do\":", "\"todo\":"), Line.class);
      new Thread(() -> say(Map.of("answer", line.id, "result", line.todo.equals("serve") ? serve() : call(line.with))))
          .start();
    }
    System.exit(0);
  }

  private static synchronized void say(Object what) {
    System.out.println(GSON.toJson(what));
  }

  private static int serve() {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(SERVICE)
            .addMethod(UNARY, ServerCalls.asyncUnaryCall(Peer::answer))
            .addMethod(STREAM, ServerCalls.asyncServerStreamingCall(Peer::answer))
            .build();
    try {
      Server server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0)).addService(service).build().start();
      synchronized (SERVERS) {
        SERVERS.add(server);
      }
      return server.getPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answer(byte[] request, StreamObserver<byte[]> responses) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(request);
      in.readTag();
      String[] numbers = in.readString().split(" ");
      Thread.sleep(Long.parseLong(numbers[0]));
      responses.onNext(message(4, new byte[Integer.parseInt(numbers[1])]));
      responses.onCompleted();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> call(Work work) {
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget(work.target).usePlaintext();
    if (work.keepaliveMs > 0) {
      builder.keepAliveTime(work.keepaliveMs, TimeUnit.MILLISECONDS);
    }
    ManagedChannel channel = builder.build();
    byte[] text = (work.waitMs + " " + work.responseBytes).getBytes();
    byte[] request = message(1, text, 5, new byte[work.requestBytes]);
    String[] ends = new String[work.count];
    Thread[] threads = new Thread[work.count];
    try {
      for (int i = 0; i < work.count; i++) {
        int index = i;
        threads[i] = new Thread(() -> ends[index] = make(channel, work.stream, request));
        threads[i].start();
        Thread.sleep(work.everyMs);
      }
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    channel.shutdownNow();
    return List.of(ends);
  }

  private static String make(ManagedChannel channel, boolean stream, byte[] request) {
    try {
      if (stream) {
        ClientCalls.blockingServerStreamingCall(channel, STREAM, CallOptions.DEFAULT, request).forEachRemaining(each -> {});
      } else {
        ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT, request);
      }
      return "OK";
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
    }
  }

  /** Fields and their numbers, in turn. */
  private static byte[] message(Object... fields) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      for (int i = 0; i < fields.length; i += 2) {
        out.writeByteArray((Integer) fields[i], (byte[]) fields[i + 1]);
      }
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
        .setType(type)
        .setFullMethodName(SERVICE + "/" + name)
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
