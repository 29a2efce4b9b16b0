/**
 * The clinic's web application: a form with eight measurements, and the model's answer. No dependencies.
 *
 *   SCORING_URL=https://….inference.ml.azure.com/score SCORING_KEY=… PORT=8080 node server.mjs
 *
 * The key stays in this process; the browser asks this server only.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

/** In the order in which the model was trained; bounds are those of the form. */
export const FEATURES = [
  { name: 'Pregnancies', label: 'Pregnancies', min: 0, max: 20, step: 1, example: 2 },
  { name: 'PlasmaGlucose', label: 'Plasma glucose, mg/dl', min: 40, max: 300, step: 1, example: 118 },
  {
    name: 'DiastolicBloodPressure',
    label: 'Diastolic blood pressure, mmHg',
    min: 20,
    max: 150,
    step: 1,
    example: 72,
  },
  { name: 'TricepsThickness', label: 'Triceps skin fold, mm', min: 3, max: 100, step: 1, example: 28 },
  { name: 'SerumInsulin', label: 'Serum insulin, µU/ml', min: 5, max: 900, step: 1, example: 120 },
  { name: 'BMI', label: 'Body mass index, kg/m²', min: 12, max: 70, step: 0.1, example: 29.4 },
  {
    name: 'DiabetesPedigree',
    label: 'Diabetes pedigree function',
    min: 0,
    max: 3,
    step: 0.01,
    example: 0.42,
  },
  { name: 'Age', label: 'Age, years', min: 18, max: 110, step: 1, example: 41 },
];

const ATTEMPTS = 4;
const TIMEOUT_MS = 20_000;
/** What passes by itself: overload, a time-out, an instance that goes while another comes. */
const PASSING = new Set([408, 429, 502, 503, 504]);

class BadInput extends Error {}

/** The eight values in order. Every mistake is told at once. */
function rowOf(form) {
  const mistakes = [];
  const row = FEATURES.map(({ name, label, min, max }) => {
    const value = form?.[name] === '' || form?.[name] === null ? Number.NaN : Number(form?.[name]);
    if (!(value >= min && value <= max)) mistakes.push(`${label}: a number from ${min} to ${max}`);
    return value;
  });
  if (mistakes.length > 0) throw new BadInput(mistakes.join('\n'));
  return row;
}

/** Asks the endpoint, again where that may help: scoring changes nothing, so asking twice is safe. */
async function score(row) {
  const body = JSON.stringify({
    input_data: { columns: FEATURES.map(({ name }) => name), index: [0], data: [row] },
  });
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(process.env.SCORING_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.SCORING_KEY}` },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error) => ({ ok: false, status: 503, reason: String(error) }));
    if (answer.ok) {
      const [first] = await answer.json();
      // Two classes' probabilities, or the second one's alone.
      const probability = Number(Array.isArray(first) ? first.at(-1) : first);
      return { probability, servedBy: answer.headers.get('azureml-model-deployment') ?? 'unknown' };
    }
    if (attempt === ATTEMPTS || !PASSING.has(answer.status))
      throw new Error(
        `the model's endpoint answers ${answer.status}${answer.reason ? ` (${answer.reason})` : ''}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) throw new BadInput('the request is too long');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput('the request is no JSON');
  }
}

async function route(request) {
  if (request.method === 'POST' && request.url === '/api/predict')
    return { type: 'application/json', body: JSON.stringify(await score(rowOf(await bodyOf(request)))) };
  if (request.method === 'GET' && request.url === '/api/features')
    return { type: 'application/json', body: JSON.stringify(FEATURES) };
  if (request.method === 'GET' && request.url === '/')
    return { type: 'text/html; charset=utf-8', body: await readFile(new URL('index.html', import.meta.url)) };
  return { status: 404, type: 'text/plain', body: 'not found' };
}

const missing = ['SCORING_URL', 'SCORING_KEY'].filter((name) => !process.env[name]);
if (missing.length > 0) {
  console.error(
    `set ${missing.join(' and ')}: az ml online-endpoint show --query scoring_uri, … get-credentials`,
  );
  process.exit(2);
}

const server = createServer((request, reply) => {
  route(request)
    .catch((error) =>
      error instanceof BadInput
        ? { status: 400, type: 'application/json', body: JSON.stringify({ error: error.message }) }
        : { status: 502, type: 'application/json', body: JSON.stringify({ error: error.message }) },
    )
    .then(({ status = 200, type, body }) => {
      reply.writeHead(status, {
        'content-type': type,
        'content-security-policy':
          "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
      });
      reply.end(body);
    });
});
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
