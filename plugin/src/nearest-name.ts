export { nearest } from "@accord-grpc/runtime/contract";
