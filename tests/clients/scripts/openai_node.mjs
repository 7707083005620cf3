// OpenAI's own client for Node.js.
import OpenAI from "openai";
import { ResponsesToolRunner } from "openai/helpers/responses-tool-runner";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { serve } from "./talk.mjs";

const api = ({ url, key, retries = 0 }) =>
  new OpenAI({ baseURL: url, apiKey: key, maxRetries: retries });
const chat = ({ domain, said, messages }) => ({
  model: domain,
  messages: messages ?? [{ role: "user", content: said }],
});
const Plant = z.object({ plant: z.string(), weeks: z.number() });
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"],
                 additionalProperties: false };
const declared = { type: "function", name: "weather", description: "Looks out.",
                   parameters: schema, strict: true };

function weather(seen) {
  return zodFunction({
    name: "weather", description: "Looks out.", parameters: z.object({ city: z.string() }),
    function: ({ city }) => { seen.push(city); return { sky: `clear in ${city}` }; },
  });
}

const cases = {
  models: async (given) => (await api(given).models.list()).data.map((model) => model.id),

  model: async (given) => (await api(given).models.retrieve(given.domain)).id,

  async whole(given) {
    const { data, request_id } =
      await api(given).chat.completions.create(chat(given)).withResponse();
    const { message, finish_reason } = data.choices[0];
    return { id: data.id, request_id, text: message.content, finish: finish_reason,
             usage: data.usage, annotations: message.annotations,
             reasoning: message.reasoning_content, metier: data.metier };
  },

  async streamed(given) {
    const answer = await api(given).chat.completions.create({
      ...chat(given), stream: true, stream_options: { include_usage: true },
    });
    const told = { text: "", reasoning: "", chunks: 0 };
    for await (const chunk of answer) {
      told.chunks += 1;
      const [choice] = chunk.choices;
      told.text += choice?.delta.content ?? "";
      told.reasoning += choice?.delta.reasoning_content ?? "";
      told.finish = choice?.finish_reason ?? told.finish;
      told.usage = chunk.usage ?? told.usage;
      told.metier = chunk.metier ?? told.metier;
    }
    return told;
  },

  async stream_helper(given) {
    const runner = api(given).chat.completions.stream({
      ...chat(given), stream_options: { include_usage: true },
    });
    let seen = "";
    runner.on("content", (piece) => { seen += piece; });
    const answer = await runner.finalChatCompletion();
    const { message, finish_reason } = answer.choices[0];
    return { seen, text: message.content, finish: finish_reason, usage: answer.usage,
             annotations: message.annotations };
  },

  async tools({ stream, ...given }) {
    const seen = [];
    const runner = api(given).chat.completions.runTools({
      ...chat(given), stream, tools: [weather(seen)],
    });
    return { text: await runner.finalContent(), seen,
             roles: runner.messages.map((message) => message.role) };
  },

  async parsed(given) {
    const answer = await api(given).chat.completions.parse({
      ...chat(given), response_format: zodResponseFormat(Plant, "plant"),
    });
    return answer.choices[0].message.parsed;
  },

  async parsed_stream(given) {
    const runner = api(given).chat.completions.stream({
      ...chat(given), response_format: zodResponseFormat(Plant, "plant"),
    });
    return (await runner.finalChatCompletion()).choices[0].message.parsed;
  },

  async respond({ said, domain, previous, ...given }) {
    const answer = await api(given).responses.create({
      model: domain, input: said, previous_response_id: previous,
    });
    return { id: answer.id, text: answer.output_text, status: answer.status,
             usage: answer.usage, kinds: answer.output.map((item) => item.type),
             annotations: answer.output.at(-1).content[0].annotations };
  },

  async respond_streamed({ said, domain, ...given }) {
    const runner = api(given).responses.stream({ model: domain, input: said });
    const told = { text: "", kinds: [], numbers: [], annotations: [] };
    for await (const event of runner) {
      told.kinds.push(event.type);
      told.numbers.push(event.sequence_number);
      if (event.type === "response.output_text.delta") told.text += event.delta;
      if (event.type === "response.output_text.annotation.added") {
        told.annotations.push(event.annotation);
      }
    }
    const answer = await runner.finalResponse();
    return { ...told, final: answer.output_text, usage: answer.usage,
             noted: answer.output.at(-1).content[0].annotations };
  },

  async respond_parsed({ said, domain, ...given }) {
    const answer = await api(given).responses.parse({
      model: domain, input: said, text: { format: zodTextFormat(Plant, "plant") },
    });
    return answer.output_parsed;
  },

  // The loop as OpenAI's guide writes it: what came is put back into the input.
  async respond_tools({ said, domain, ...given }) {
    const client = api(given), tools = [declared], seen = [];
    const input = [{ role: "user", content: said }];
    let answer = await client.responses.create({ model: domain, input, tools });
    while (answer.output.some((item) => item.type === "function_call")) {
      input.push(...answer.output);
      for (const call of answer.output.filter((item) => item.type === "function_call")) {
        seen.push(JSON.parse(call.arguments).city);
        input.push({ type: "function_call_output", call_id: call.call_id, output: "clear" });
      }
      answer = await client.responses.create({ model: domain, input, tools });
    }
    return { text: answer.output_text, seen };
  },

  // The same by the id of what went before.
  async respond_tools_by_id({ said, domain, ...given }) {
    const client = api(given), tools = [declared];
    const first = await client.responses.create({ model: domain, input: said, tools });
    const [call] = first.output.filter((item) => item.type === "function_call");
    const answer = await client.responses.create({
      model: domain, tools, previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call.call_id, output: "clear" }],
    });
    return { text: answer.output_text, seen: [JSON.parse(call.arguments).city] };
  },

  async respond_tool_runner({ said, domain, stream, ...given }) {
    const seen = [];
    const runner = new ResponsesToolRunner({
      functions: [{ tool: declared, execute: ({ city }) => { seen.push(city); return "clear"; } }],
    });
    const answer = await runner.run(api(given), { model: domain, input: said }, { stream });
    return { text: answer.output_text, seen };
  },

  async left_after_a_piece(given) {
    const controller = new AbortController();
    const answer = await api(given).chat.completions.create(
      { ...chat(given), stream: true }, { signal: controller.signal },
    );
    let text = "";
    for await (const chunk of answer) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (text) controller.abort();
    }
    return text;
  },

  async left_before_the_answer(given) {
    const controller = new AbortController();
    const waiting = api(given).chat.completions.create(
      chat(given), { signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 300);
    return (await waiting).id;
  },

  async left_a_response({ said, domain, ...given }) {
    const runner = api(given).responses.stream({ model: domain, input: said });
    for await (const event of runner) {
      if (event.type === "response.output_text.delta") runner.abort();
    }
  },
};

await serve(cases);
