// Vercel's AI SDK with its three ways to the OpenAI wire.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, generateObject, generateText, isStepCount, streamObject, streamText,
         tool } from "ai";
import { z } from "zod";
import { serve } from "./talk.mjs";

function model({ way, url, key, domain }) {
  const settings = { baseURL: url, apiKey: key };
  if (way === "compatible") {
    return createOpenAICompatible({
      name: "metier", includeUsage: true, supportsStructuredOutputs: true, ...settings,
    })(domain);
  }
  const openai = createOpenAI(settings);
  return way === "chat" ? openai.chat(domain) : openai(domain); // the Responses API by itself
}

function asked({ said, messages, retries = 0, ...given }) {
  const words = messages ? { messages } : { prompt: said };
  return { model: model(given), maxRetries: retries, ...words };
}

const Plant = z.object({ plant: z.string(), weeks: z.number() });

function weather(seen) {
  return tool({
    description: "Looks out.", inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => { seen.push(city); return { sky: `clear in ${city}` }; },
  });
}

const links = (sources) => sources.map(({ url, title }) => ({ url, title }));

/** What a stream brings; its first error is thrown. */
async function read(answer) {
  const kinds = [];
  for await (const part of answer.fullStream) {
    if (part.type === "error") throw part.error;
    kinds.push(part.type);
  }
  return { kinds, text: await answer.text, finish: await answer.finishReason,
           usage: await answer.usage, sources: links(await answer.sources),
           reasoning: await answer.reasoningText, steps: (await answer.steps).length };
}

const quiet = { onError: () => {} };

const cases = {
  async whole(given) {
    const answer = await generateText(asked(given));
    return { text: answer.text, finish: answer.finishReason, usage: answer.usage,
             sources: links(answer.sources), reasoning: answer.reasoningText,
             warnings: answer.warnings, id: answer.response.id };
  },

  streamed: (given) => read(streamText({ ...asked(given), ...quiet })),

  async tools(given) {
    const seen = [], settings = { tools: { weather: weather(seen) }, stopWhen: isStepCount(4) };
    const answer = await generateText({ ...asked(given), ...settings });
    return { text: answer.text, steps: answer.steps.length, seen };
  },

  async tools_streamed(given) {
    const seen = [], settings = { tools: { weather: weather(seen) }, stopWhen: isStepCount(4) };
    const { text, steps } = await read(streamText({ ...asked(given), ...settings, ...quiet }));
    return { text, steps, seen };
  },

  object: async (given) => (await generateObject({ ...asked(given), schema: Plant })).object,

  async object_streamed(given) {
    const answer = streamObject({ ...asked(given), schema: Plant, ...quiet });
    let pieces = 0;
    for await (const _ of answer.partialObjectStream) pieces += 1;
    return { object: await answer.object, pieces };
  },

  output: async (given) =>
    (await generateText({ ...asked(given), output: Output.object({ schema: Plant }) })).output,

  // As `useChat` and its like do: the answer's own messages are sent back.
  async goes_on({ said, then, stored = true, ...given }) {
    const settings = { providerOptions: { openai: { store: stored } } };
    const messages = [{ role: "user", content: said }];
    const first = await generateText({ ...asked({ ...given, messages }), ...settings });
    messages.push(...first.response.messages, { role: "user", content: then });
    const second = await generateText({ ...asked({ ...given, messages }), ...settings });
    return { first: first.text, second: second.text };
  },

  async left_after_a_piece(given) {
    const controller = new AbortController();
    const answer = streamText({ ...asked(given), ...quiet, abortSignal: controller.signal });
    const kinds = [];
    for await (const part of answer.fullStream) {
      kinds.push(part.type);
      if (part.type === "text-delta") controller.abort();
    }
    return kinds;
  },
};

await serve(cases);
