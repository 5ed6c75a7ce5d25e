// Talks to the shop by the client, and prints what came.
import { shopAt } from "./shop.js";

declare const process: { argv: string[] };

const client = shopAt(process.argv[2] ?? "");
const headers = { Authorization: "Bearer token-of-ann" };
const made = await client.POST("/shop/orders", { body: { lines: [{ product: "tea" }] }, headers });
const order_id = made.data?.id ?? 0;
const found = await client.GET("/shop/orders/{order_id}", { params: { path: { order_id } } });
const refused = await client.POST("/shop/orders", { body: { lines: [] }, headers });
const all = await client.GET("/shop/orders", { params: { query: { state: "open" } } });
const removed = await client.DELETE("/shop/orders/{order_id}", { params: { path: { order_id } }, headers });
const gone = await client.GET("/shop/orders/{order_id}", { params: { path: { order_id } } });
console.log(
  JSON.stringify({
    made: made.data,
    found: found.data,
    refused: refused.error?.errors,
    all: all.data?.length,
    removed: removed.response.status,
    gone: gone.error,
  }),
);
