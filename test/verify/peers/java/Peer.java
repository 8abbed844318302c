import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Servers of grpc-java that keep the small contract but for one thing each: Peer &lt;violation&gt;… A server for each, each on a port of
 * its own; a line "&lt;violation&gt; &lt;port&gt;" is printed for each. Messages are bytes here, so that no code has to be generated.
 */
public final class Peer {
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> HINT = Metadata.Key.of("x-hint", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final String violation;

  private Peer(String violation) {
    this.violation = violation;
  }

  public static void main(String[] violations) throws Exception {
    List<Server> servers = new ArrayList<>();
    for (String violation : violations) {
      Server server = new Peer(violation).serve();
      servers.add(server);
      System.out.println(violation + " " + server.getPort());
    }
    // The pipe that the test holds says when to go.
    System.in.read();
    System.exit(0);
  }

  private Server serve() throws IOException {
    ServerServiceDefinition.Builder stock =
        ServerServiceDefinition.builder("stock.v1.StockService")
            .addMethod(method("stock.v1.StockService/GetItem", MethodType.UNARY), ServerCalls.asyncUnaryCall(this::getItem))
            .addMethod(
                method("stock.v1.StockService/ListItems", MethodType.SERVER_STREAMING),
                ServerCalls.asyncServerStreamingCall(this::listItems));
    if (!violation.equals("missing")) {
      stock.addMethod(
          method("stock.v1.StockService/ReserveItem", MethodType.UNARY), ServerCalls.asyncUnaryCall(this::reserveItem));
    }
    ServerServiceDefinition health =
        ServerServiceDefinition.builder("grpc.health.v1.Health")
            .addMethod(method("grpc.health.v1.Health/Check", MethodType.UNARY), ServerCalls.asyncUnaryCall(this::check))
            .build();
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .maxInboundMessageSize(violation.equals("limit") ? 1 << 30 : 65_536)
        .addService(stock.build())
        .addService(health)
        .intercept(
            new io.grpc.ServerInterceptor() {
              @Override
              public <Q, R> io.grpc.ServerCall.Listener<Q> interceptCall(
                  io.grpc.ServerCall<Q, R> call, Metadata headers, io.grpc.ServerCallHandler<Q, R> next) {
                return next.startCall(violation.equals("trailers") ? new Hinting<>(call) : call, headers);
              }
            })
        .build()
        .start();
  }

  private void getItem(String item, StreamObserver<byte[]> answer) {
    if (item.equals("known")) {
      answer.onNext(violation.equals("undecodable") ? new byte[] {0x0a, 0x7f} : message(item, 3));
      answer.onCompleted();
    } else if (item.equals("counted")) {
      answer.onError(error(Status.ABORTED, "The item is being counted", "STOCK_BUSY", Map.of(), "250"));
    } else if (violation.equals("undeclared")) {
      throw new IllegalStateException("no such item");
    } else if (violation.equals("leak")) {
      answer.onError(
          Status.INTERNAL.withDescription("java.lang.NullPointerException at shop.Store.find(Store.java:12)").asException());
    } else if (violation.equals("retriable")) {
      answer.onError(Status.UNAVAILABLE.withDescription("try again").asException());
    } else {
      answer.onError(error(Status.NOT_FOUND, "There is no item " + item, "ITEM_NOT_FOUND", Map.of("item", item), null));
    }
  }

  private void listItems(String request, StreamObserver<byte[]> answers) {
    answers.onNext(message("known", 0));
    answers.onNext(message("counted", 0));
    answers.onCompleted();
  }

  private void reserveItem(String item, StreamObserver<byte[]> answer) {
    answer.onError(error(Status.FAILED_PRECONDITION, "None is left", "SOLD_OUT", Map.of(), "-1"));
  }

  private void check(String service, StreamObserver<byte[]> answer) {
    if (violation.equals("health") || !service.equals("stock.v1.StockService")) {
      answer.onError(Status.NOT_FOUND.withDescription("unknown service").asException());
    } else {
      answer.onNext(new byte[] {8, 1});
      answer.onCompleted();
    }
  }

  private StatusRuntimeException error(
      Status status, String message, String reason, Map<String, String> metadata, String pushback) {
    Status ended = violation.equals("status") && reason.equals("STOCK_BUSY") ? Status.RESOURCE_EXHAUSTED : status;
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder()
            .setReason(reason)
            .setDomain(violation.equals("domain") ? "stock.v1" : "stock.example.com")
            .putAllMetadata(violation.equals("metadata") ? Map.of("shelf", "3") : metadata);
    com.google.rpc.Status.Builder details =
        com.google.rpc.Status.newBuilder()
            .setCode(ended.getCode().value())
            .setMessage(message)
            .addDetails(Any.pack(info.build()));
    Metadata trailers = new Metadata();
    if (pushback != null && !violation.equals("pushback")) {
      trailers.put(PUSHBACK, pushback);
      if (!pushback.equals("-1")) {
        RetryInfo.Builder retry = RetryInfo.newBuilder();
        retry.getRetryDelayBuilder().setNanos(250_000_000);
        details.addDetails(Any.pack(retry.build()));
      }
    }
    if (!violation.equals("noinfo")) {
      trailers.put(DETAILS, details.build().toByteArray());
    }
    return ended.withDescription(message).asRuntimeException(trailers);
  }

  private static final class Hinting<Q, R> extends io.grpc.ForwardingServerCall.SimpleForwardingServerCall<Q, R> {
    Hinting(io.grpc.ServerCall<Q, R> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (status.isOk()) {
        trailers.put(HINT, "h".repeat(4000));
      }
      super.close(status, trailers);
    }
  }

  private static byte[] message(String text, long number) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeString(1, text);
      if (number != 0) {
        out.writeInt64(2, number);
      }
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodDescriptor<String, byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<String, byte[]>newBuilder(new FirstText(), new Bytes())
        .setType(type)
        .setFullMethodName(name)
        .build();
  }

  /** The first field of a request, which is a text in all of them. */
  private static final class FirstText implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(message(value, 0));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        CodedInputStream in = CodedInputStream.newInstance(stream.readAllBytes());
        String text = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag == 10) {
            text = in.readString();
          } else {
            in.skipField(tag);
          }
        }
        return text;
      } catch (IOException e) {
        throw Status.INTERNAL.withDescription("the message can't be decoded").asRuntimeException();
      }
    }
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
