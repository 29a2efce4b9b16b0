import type { z } from 'zod';
import { checkImport, dataImport, importedTo, importedType } from '../data-imports.js';
import { compact } from '../fields.js';
import { kind } from '../kind.js';
import { AUTO_NAME, computeId } from '../references.js';

/** `az ml data import`: Azure runs it as a pipeline of one step, which the official client writes itself. */
export const importedData = kind<z.infer<typeof dataImport>>({
  name: 'DataImport',
  family: 'dataImport',
  roles: [],
  order: 6,
  detects: (value) => 'source' in value && 'path' in value,
  schema: dataImport,
  check: (spec) => Promise.resolve(checkImport(spec)),
  toRest: (spec, _place, assets) => {
    const title = `data_import_${spec.name}`;
    const type = spec.source.type;
    const sink = compact({
      uri: importedTo(spec),
      job_output_type: importedType(spec),
      name: spec.name,
      version: spec.version,
    });
    const step = {
      type: 'data_transfer',
      task: 'import_data',
      source: compact({ ...spec.source }),
      display_name: title,
      computeId: computeId(assets.workspace, 'serverless'),
      outputs: { sink },
      _source: 'BUILTIN',
      componentId: `azureml://registries/azureml/components/import_data_${type}/versions/0.0.1`,
    };
    const properties = {
      displayName: title,
      tags: spec.tags ?? {},
      description: spec.description ?? title,
      properties: { 'azureml.materializationAssetName': spec.name },
      experimentName: title,
      jobs: { [title]: step },
      isArchived: false,
      inputs: {},
      outputs: {},
      settings: { force_rerun: true, _source: 'CLASS' },
      jobType: 'Pipeline',
    };
    return Promise.resolve({ resource: `/jobs/${AUTO_NAME}`, body: { properties } });
  },
});
