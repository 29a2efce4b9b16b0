import type { JSX } from 'preact';
import { MOST_FILES, isImage, isText } from '../files.js';
import { Block, Empty, Table, bytes } from '../parts/blocks.js';
import { pageUrl } from '../scope.js';
import { fileUrl } from './job.js';
import type { ShownJob } from './job.js';

const MOST_PICTURES = 12;

/** What a run has left: pictures to look at, files to take. Its logs are shown elsewhere. */
export function Artifacts(props: {
  readonly shown: ShownJob;
  readonly logs: readonly string[];
}): JSX.Element {
  const { scope, row } = props.shown;
  const page = pageUrl(scope, 'jobs', row.name);
  const files = props.shown.files.filter(({ path }) => !props.logs.includes(path));
  if (files.length === 0)
    return (
      <Block title="Artifacts">
        <Empty>
          None yet. What a job writes to ./outputs, or logs with mlflow.log_artifact, shows up here.
        </Empty>
      </Block>
    );
  return (
    <Block title="Artifacts">
      <ul class="pictures">
        {files
          .filter(({ path }) => isImage(path))
          .slice(0, MOST_PICTURES)
          .map(({ path }) => (
            <li>
              <a href={fileUrl(page, path)}>
                <img src={fileUrl(page, path)} alt={path} loading="lazy" />
                <span>{path}</span>
              </a>
            </li>
          ))}
      </ul>
      <Table
        label="Artifacts"
        columns={[{ title: 'File' }, { title: 'Size', numeric: true }]}
        rows={files.slice(0, MOST_FILES).map(({ path, bytes: size }) => ({
          key: path,
          cells: [
            <a href={fileUrl(page, path)} download={isText(path) || isImage(path) ? undefined : true}>
              {path}
            </a>,
            bytes(size),
          ],
        }))}
      />
      {files.length >= MOST_FILES && <p class="faint">Only the first {MOST_FILES} files are listed.</p>}
    </Block>
  );
}
