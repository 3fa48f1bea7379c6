import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { onEachPostgres } from '../support/database.ts';

onEachPostgres('the masking of a project', (database) => {
  async function maskingOf(project: { id: string }): Promise<unknown> {
    const token = await database().value<string>('select token from agensight.create_token($1)', [
      project.id,
    ]);
    const hash = createHash('sha256').update(token).digest('hex');
    const verdict = await database().value<{ masking: unknown }>(
      'select agensight.authenticate($1)',
      [hash],
    );
    return verdict.masking;
  }

  it('is on by default, for secrets, cards and IBANs', async () => {
    const project = await database().project();
    expect(await maskingOf(project)).toEqual({ secrets: true, personal: ['card', 'iban'] });
  });

  it('is set by set_masking(), and null leaves a setting as it is', async () => {
    const project = await database().project();
    await database().query("select agensight.set_masking($1, personal => '{email}')", [project.id]);
    expect(await maskingOf(project)).toEqual({ secrets: true, personal: ['email'] });
    await database().query('select agensight.set_masking($1, false)', [project.id]);
    expect(await maskingOf(project)).toEqual({ secrets: false, personal: ['email'] });
    await database().query("select agensight.set_masking($1, true, '{}')", [project.id]);
    expect(await maskingOf(project)).toEqual({ secrets: true, personal: [] });
  });

  it.each(["'{address}'", "'{card,null}'"])('refuses the kinds %s', async (kinds) => {
    const project = await database().project();
    await expect(
      database().query(`select agensight.set_masking($1, personal => ${kinds})`, [project.id]),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
