// A client of the shop. Each line under an "@ts-expect-error" is wrong on purpose: tsc fails where it is not.
import createClient from "openapi-fetch";
import type { components, paths } from "./shop.openapi.js";

type Order = components["schemas"]["Order"];

export function shopAt(baseUrl: string) {
  return createClient<paths>({ baseUrl });
}

const client = shopAt("http://127.0.0.1");

export async function right(): Promise<Order | undefined> {
  // What has a default may be left out of what is sent.
  const made = await client.POST("/shop/orders", { body: { lines: [{ product: "tea" }] } });
  await client.POST("/shop/orders", {
    body: { lines: [{ product: "tea", count: 2 }], note: null },
    params: { header: { "X-Trace": "a" } },
  });
  const found = await client.GET("/shop/orders", { params: { query: { state: "open", size: 5 } } });
  await client.GET("/shop/orders", {});
  const order = await client.GET("/shop/orders/{order_id}", { params: { path: { order_id: 1 } } });
  await client.DELETE("/shop/orders/{order_id}", { params: { path: { order_id: 1 } } });
  const lines = await client.GET("/shop/orders.jsonl", { parseAs: "text" });

  // What comes has every field, those with defaults too.
  const count: number | undefined = made.data?.lines[0]?.count;
  const note: string | null | undefined = made.data?.note;
  const state: "open" | "sent" | undefined = found.data?.[0]?.state;
  const text: string | undefined = lines.data;
  // Where no rule matches, the answer is a page.
  if (typeof order.error === "object" && "reason" in order.error) {
    const reason: string = order.error.reason;
    console.log(reason);
  }
  if (made.error !== undefined) {
    const faults: { in: string; at?: string; detail: string }[] | undefined = made.error.errors;
    console.log(made.error.title, faults);
  }
  console.log(count, note, state, text);
  return order.data;
}

export async function wrong(): Promise<void> {
  // @ts-expect-error: no such address
  await client.GET("/shop/customers", {});
  // @ts-expect-error: no such method there
  await client.PUT("/shop/orders", {});
  // @ts-expect-error: a field has another type
  await client.POST("/shop/orders", { body: { lines: [{ product: 5 }] } });
  // @ts-expect-error: a required field is missing
  await client.POST("/shop/orders", { body: { lines: [{ count: 5 }] } });
  // @ts-expect-error: the list is missing
  await client.POST("/shop/orders", { body: { note: "quick" } });
  // @ts-expect-error: the body is missing
  await client.POST("/shop/orders", {});
  // @ts-expect-error: no such field
  const colored: components["schemas"]["NewOrderInput"] = { lines: [], colour: "red" };
  // @ts-expect-error: a header is a text
  await client.POST("/shop/orders", { body: { lines: [] }, params: { header: { "X-Trace": 5 } } });
  // @ts-expect-error: no such state
  await client.GET("/shop/orders", { params: { query: { state: "lost" } } });
  // @ts-expect-error: no such parameter
  await client.GET("/shop/orders", { params: { query: { sorted: true } } });
  // @ts-expect-error: the number of the order is missing
  await client.GET("/shop/orders/{order_id}", {});
  // @ts-expect-error: the number of the order is none
  await client.GET("/shop/orders/{order_id}", { params: { path: { order_id: "one" } } });

  const made = await client.POST("/shop/orders", { body: { lines: [] } });
  // @ts-expect-error: no such field
  console.log(made.data?.price);
  // @ts-expect-error: there may be no answer
  console.log(made.data.id);
  // @ts-expect-error: the note may be null
  const note: string | undefined = made.data?.note;
  // @ts-expect-error: the number is no text
  const id: string | undefined = made.data?.id;
  console.log(note, id, colored);
}
