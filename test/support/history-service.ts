import { Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/**
 * Signals a workflow through the server's internal history service, as anybody can who reaches that port: without a
 * token, and as whomever the headers name.
 */
export async function signalThroughHistory(
  port: number,
  target: { readonly namespaceId: string; readonly workflowId: string; readonly signalName: string },
  as: string,
): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('temporal-principal-type', 'jwt');
  metadata.set('temporal-principal-name', as);
  try {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        '/temporal.server.api.historyservice.v1.HistoryService/SignalWorkflowExecution',
        (bytes: Buffer) => bytes,
        (bytes) => bytes,
        Buffer.from(request(target)),
        metadata,
        (error) => {
          if (error === null) resolve();
          else reject(error);
        },
      );
    });
  } finally {
    client.close();
  }
}

/** Only the fields that are sent; numbers as in temporal/server/api/historyservice/v1/request_response.proto. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Execution { string workflow_id = 1; string run_id = 2; }
  message Signal { string namespace = 1; Execution workflow_execution = 2; string signal_name = 3; }
  message Request { string namespace_id = 1; Signal signal_request = 2; }
`);

function request({ namespaceId, workflowId, signalName }: Parameters<typeof signalThroughHistory>[1]) {
  const type = root.lookupType('Request');
  const signalRequest = { namespace: 'default', workflowExecution: { workflowId }, signalName };
  return type.encode(type.create({ namespaceId, signalRequest })).finish();
}
