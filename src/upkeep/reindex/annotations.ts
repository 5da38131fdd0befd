import type { AnnotationWrites } from '../../core/ports/records/lists/annotations.ts';
import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { annotationObject } from '../../decide/annotate.ts';
import { asStored } from '../../stored/object-row.ts';
import { readAnnotation } from '../../stored/read-object.ts';

/**
 * Annotations as their newest versions have them, removed ones too.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildAnnotations(
  { objects, records }: Stores<ObjectRowWrites & AnnotationWrites>,
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  // Names of the versions of an annotation rise, so the newest is put last
  for await (const { key } of objects.list('annotations/'))
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readAnnotation(body, key);
      const row = asStored(annotationObject(value).row, key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await tx.putAnnotation(value);
      });
    });
}
