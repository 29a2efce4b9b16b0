import type { Locator, Page } from 'playwright-core';

/** Opens a workflow's page in the Temporal UI and waits until it is there. */
export async function openWorkflow(
  page: Page,
  ui: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
): Promise<void> {
  const run = runId === undefined ? '' : `/${runId}`;
  await page.goto(`${ui}/namespaces/default/workflows/${encodeURIComponent(workflowId)}${run}`);
  await page.getByRole('button', { name: 'More Actions' }).waitFor();
}

/** Opens the dialog for signals, with the list of those that the workflow offers. */
export async function openSignals(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
  const dialog = page.locator('#signal-confirmation-modal[open]');
  await dialog.waitFor();
  // The field itself is disabled: what opens the list is around it.
  await dialog.getByTestId('signal-select').locator('..').click();
}

/** Opens the dialog for signals, and picks one of those that the workflow offers. */
export async function chooseSignal(page: Page, name: string): Promise<void> {
  await openSignals(page);
  await page.getByRole('option', { name }).click();
}

/** What the workflow says of itself, as the UI renders its Markdown. */
export async function detailsOf(page: Page): Promise<Locator> {
  await page.getByText('User Metadata').first().click();
  // The current details are read when they are asked for, by a key; then a frame shows them.
  await page.getByText('Press the R for freshness').waitFor();
  await page.keyboard.press('r');
  return page.locator('iframe').last().contentFrame().locator('body');
}

/** Types the payload as a person does. The editor rewrites what it holds when it is left, which moves the button. */
export async function typePayload(page: Page, text: string): Promise<void> {
  await page.locator('#signal-confirmation-modal[open] .cm-content').click();
  await page.keyboard.insertText(text);
  await page.keyboard.press('Tab');
}

export async function submitSignal(page: Page): Promise<void> {
  await submitButton(page).click();
}

/** Two clicks before the dialog has closed, as a hasty finger makes them. */
export async function submitTwice(page: Page): Promise<void> {
  await submitButton(page).evaluate((button: { click(): void }) => {
    button.click();
    button.click();
  });
}

function submitButton(page: Page): Locator {
  return page.locator('#signal-confirmation-modal[open]').getByRole('button', { name: 'Submit' });
}
