export declare const UV_VERSION: string;
export declare const UV_VARIABLE: 'AZUREML_EMULATOR_UV';
export declare function ensurePython(report: {
  step(text: string): void;
  note(text: string): void;
}): Promise<Partial<Record<'AZUREML_EMULATOR_UV', string>>>;
