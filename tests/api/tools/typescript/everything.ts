// A client of the application with every feature. Each line under an "@ts-expect-error" is wrong on purpose.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./everything.openapi.js";

type Schemas = components["schemas"];

const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });

export async function right(): Promise<void> {
  // Unions with a tag, enums, dates, nested records; what has a default is left out.
  const new_thing: Schemas["ThingInput"] = { name: "lamp", color: "red", pet: { type: "cat" } };
  const made = await client.POST("/things/", {
    body: {
      ...new_thing,
      pet: { type: "dog", name: "rex" },
      level: 2,
      kind: 3,
      made: "2026-01-02",
      identity: null,
      address: { street: "Main" },
      labels: [{ text: "a" }, { text: "b", color: "green" }],
      stock: { here: {} },
      place: [1, 2],
      pair: [1, "a"],
      either: "a",
      anything: { at: ["all"] },
      parent: new_thing,
    },
  });
  const thing = made.data;
  if (thing !== undefined) {
    const level: 1 | 2 = thing.level;
    const kind: "a" | "b" | 3 = thing.kind;
    const town: string | null | undefined = thing.address?.town;
    const count: number | undefined = thing.stock["here"]?.count;
    const lives: number = thing.pet.type === "cat" ? thing.pet.lives : thing.pet.name.length;
    const labels: { text: string; color?: "red" | "green" }[] = thing.labels;
    console.log(level, kind, town, count, lives, labels);
  }
  const in_full = (each: Schemas["Thing"]): [Schemas["Thing"] | null, [number, string] | null] => [
    each.parent,
    each.pair,
  ];

  // Generics, several answers, any values.
  const page = await client.GET("/things/{number}", { params: { path: { number: 1 } } });
  const names: string[] | undefined = page.data?.items.map((item) => item.name);
  const reason: string | undefined =
    typeof page.error === "object" && "reason" in page.error ? page.error.reason : undefined;
  const sums = await client.GET("/things/query", {
    params: { query: { number: 1, tag: ["a"], levels: [1, 2], order: "down", color: "red", day: null } },
  });
  const found: unknown = sums.data?.found["number"];

  // Every other part of a request.
  await client.GET("/things/{number}/{weight}/{identity}/{choice}", {
    params: { path: { number: 1, weight: 1.5, identity: "a", choice: "two" } },
  });
  await client.GET("/things/days/{day}/{color}", { params: { path: { day: "2026-01-02", color: "red" } } });
  await client.GET("/things/headers", {
    params: { header: { "X-Trace": "a", "x-count": 1 }, cookie: { theme: "green" } },
  });
  await client.POST("/things/form", { body: { email: "a@b" } });
  await client.POST("/things/files", { body: { picture: "bytes", about: { firstName: "ann" }, more: [] } });
  await client.POST("/things/optional");
  const pet: Schemas["Cat"] | Schemas["Dog"] | undefined = (
    await client.PATCH("/things/pet", { body: { type: "cat" } })
  ).data;

  // JSON lines and events are read as texts.
  const lines: string | undefined = (await client.GET("/things/lines", { parseAs: "text" })).data;
  const events: string | undefined = (await client.GET("/things/events", { parseAs: "text" })).data;
  type Line = operations["things_lines"]["responses"][200]["content"]["application/jsonl"];
  const line: Line = { reason: "none" };
  type Event = operations["things_events"]["responses"][200]["content"]["text/event-stream"];
  const event: Event = { data: "1" };

  // Where nothing is answered, there is nothing to read.
  const removed = await client.DELETE("/things/{number}", { params: { path: { number: 1 } } });
  const nothing: undefined = removed.data;
  console.log(names, reason, found, pet, lines, events, line, event, nothing, in_full);
}

export async function wrong(): Promise<void> {
  // @ts-expect-error: a tag that no record has
  const bird: Schemas["ThingInput"] = { name: "lamp", color: "red", pet: { type: "bird" } };
  // @ts-expect-error: the field of another record of the union
  const cat: Schemas["CatInput"] = { type: "cat", name: "tom" };
  // @ts-expect-error: an enum has no such value
  const color: Schemas["Color"] = "blue";
  // @ts-expect-error: an enum of numbers has no texts
  const level: Schemas["Level"] = "1";
  // @ts-expect-error: the name is required
  const unnamed: Schemas["ThingInput"] = { color: "red", pet: { type: "cat" } };
  // @ts-expect-error: a default may be left out, and not be null
  const priced: Schemas["StockInput"] = { count: null };
  // @ts-expect-error: answers have their defaults
  const stock: Schemas["Stock"] = {};
  // @ts-expect-error: the name in Python is not the name in JSON
  const renamed: Schemas["RenamedInput"] = { first_name: "ann" };
  // @ts-expect-error: items of a list have a type
  const things: Schemas["Page_Thing_"]["items"] = ["lamp"];
  console.log(bird, cat, color, level, unnamed, priced, stock, renamed, things);

  // @ts-expect-error: hidden views are not in the document
  await client.GET("/things/secret");
  // @ts-expect-error: a required parameter is missing
  await client.GET("/things/query", { params: { query: { word: "a" } } });
  // @ts-expect-error: a list is a list
  await client.GET("/things/query", { params: { query: { number: 1, numbers: 5 } } });
  // @ts-expect-error: a Literal has no such value
  await client.GET("/things/query", { params: { query: { number: 1, order: "sideways" } } });
  // @ts-expect-error: a converter has no such value
  await client.GET("/things/{number}/{weight}/{identity}/{choice}", { params: { path: { number: 1, weight: 1, identity: "a", choice: "three" } } });
  // @ts-expect-error: a cookie has no such value
  await client.GET("/things/headers", { params: { cookie: { theme: "blue" } } });
  // @ts-expect-error: a field of the form is missing
  await client.POST("/things/form", { body: { newsletter: true } });
  // @ts-expect-error: a file is missing
  await client.POST("/things/files", { body: { about: { firstName: "ann" } } });

  const page = await client.GET("/things/{number}", { params: { path: { number: 1 } } });
  // @ts-expect-error: no such field
  console.log(page.data?.total);
  const sums = await client.GET("/things/query", { params: { query: { number: 1 } } });
  // @ts-expect-error: of any value nothing is known
  const sum: number = sums.data?.found["number"];
  console.log(sum);
}
