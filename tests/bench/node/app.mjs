// GET /accounts/{accountId}, as `functions/accounts/src/account_show.rs` does it.
import { createHash } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});
const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let cold = true;

export const handler = async (event, context) => {
  const started = performance.now();
  const accountId = event.pathParameters?.accountId ?? '';
  let status = 404;
  let body = JSON.stringify({ code: 'not_found', status });
  let readUnits = 0;
  if (id.test(accountId)) {
    const { Item: item, ConsumedCapacity: capacity } = await client.send(
      new GetItemCommand({
        TableName: process.env.TABLE_NAME,
        Key: { pk: { S: `ACCOUNT#${accountId}` }, sk: { S: 'ACCOUNT' } },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    readUnits = capacity?.CapacityUnits ?? 0;
    if (item) {
      status = 200;
      body = JSON.stringify({
        id: accountId,
        nickname: item.nickname.S,
        withdrawn: false,
        image: null,
        region: item.region?.S ?? null,
        createdAt: item.createdAt.S ?? item.createdAt.N,
      });
    }
  }
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 24)}"`;
  console.log(
    JSON.stringify({ route: 'account_show', requestId: context.awsRequestId, status, ms: performance.now() - started, readUnits, cold }),
  );
  cold = false;
  if (event.headers?.['if-none-match'] === etag) return { statusCode: 304, headers: { etag } };
  return { statusCode: status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', etag }, body };
};
