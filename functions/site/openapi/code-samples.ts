import { examples } from './examples.ts';
import type { CodeSample } from './openapi.ts';

/** Where the samples find the service: `npm start` without settings. Whoever shows them puts the real address in its place. */
const service = 'http://localhost:8000/';
const job = `${service}status/${examples.id}`;

interface Sources {
  readonly curl: string;
  readonly python: string;
  readonly typescript: string;
}

const predict: Sources = {
  curl: `curl -F file=@photo.jpg ${service}predict`,
  python: `import requests

with open("photo.jpg", "rb") as image:
    answer = requests.post("${service}predict", files={"file": image})
for prediction in answer.json():
    print(f"{prediction['score']:.1%} {prediction['label']}")`,
  typescript: `import { readFile } from 'node:fs/promises';

const body = new FormData();
body.append('file', new Blob([await readFile('photo.jpg')]));
const answer = await fetch('${service}predict', { method: 'POST', body });
console.log(await answer.json());`,
};

const createUpload: Sources = {
  curl: String.raw`curl -s -H 'Content-Type: application/json' -d '{"contentType": "image/jpeg"}' ${service}uploads > form.json
jq -r '.upload | (.fields | to_entries[] | "form-string = \"\(.key)=\(.value)\""), "url = \(.url)"' form.json |
  curl -sf -K - -F file=@photo.jpg
curl -s "${service}$(jq -r .statusUrl form.json)?wait=20"`,
  python: `import requests

service = "${service}"
job = requests.post(f"{service}uploads", json={"contentType": "image/jpeg"}).json()
with open("photo.jpg", "rb") as image:
    requests.post(job["upload"]["url"], data=job["upload"]["fields"], files={"file": image}).raise_for_status()
print(requests.get(service + job["statusUrl"], params={"wait": 20}).json())`,
  typescript: `import { readFile } from 'node:fs/promises';

const service = '${service}';
const headers = { 'Content-Type': 'application/json' };
const body = JSON.stringify({ contentType: 'image/jpeg' });
const { upload, statusUrl } = await (await fetch(service + 'uploads', { method: 'POST', headers, body })).json();

const form = new FormData();
for (const [name, value] of Object.entries<string>(upload.fields)) form.append(name, value);
form.append('file', new Blob([await readFile('photo.jpg')]));
await fetch(upload.url, { method: 'POST', body: form });
console.log(await (await fetch(service + statusUrl + '?wait=20')).json());`,
};

const getStatus: Sources = {
  curl: `curl "${job}?wait=20"`,
  python: `import requests

print(requests.get("${job}", params={"wait": 20}).json())`,
  typescript: `const answer = await fetch('${job}?wait=20');
console.log(await answer.json());`,
};

const deleteJob: Sources = {
  curl: `curl -i -X DELETE ${job}`,
  python: `import requests

print(requests.delete("${job}").status_code)`,
  typescript: `const answer = await fetch('${job}', { method: 'DELETE' });
console.log(answer.status);`,
};

const getEvents: Sources = {
  curl: `curl -N ${job}/events`,
  python: `import requests

with requests.get("${job}/events", stream=True) as events:
    for line in events.iter_lines(decode_unicode=True):
        print(line)`,
  typescript: `const { body } = await fetch('${job}/events');
for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) process.stdout.write(text);`,
};

const sources: Readonly<Record<string, Sources>> = { predict, createUpload, getStatus, deleteJob, getEvents };

/** How to make a call from a shell, from Python with `requests`, and from TypeScript: as `x-codeSamples` has it. */
export function codeSamples(operationId: string, path: string): readonly CodeSample[] {
  const { curl, python, typescript } = sources[operationId] ?? reading(`${service}${path.slice(1)}`);
  return [
    { lang: 'Shell', label: 'curl', source: curl },
    { lang: 'Python', label: 'Python', source: python },
    { lang: 'TypeScript', label: 'TypeScript', source: typescript },
  ];
}

/** A document that is read without more ado. */
function reading(url: string): Sources {
  return {
    curl: `curl --compressed ${url}`,
    python: `import requests

print(requests.get("${url}").text)`,
    typescript: `const answer = await fetch('${url}');
console.log(await answer.text());`,
  };
}
