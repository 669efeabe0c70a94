import { download } from '../../page/index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { parseCount } from '../duration.ts';
import { noteRequest, visitInit } from '../pages.ts';
import { ProgressBar, showBytes } from '../progress-bar.ts';
import { completeUrl } from '../request.ts';
import { UsageError } from '../usage-error.ts';

/** `download`: writes a file that is complete, or no file. */
export async function downloadFile(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const [word = ''] = args.positionals;
  const file = args.text('output');
  if (file === undefined) throw new UsageError('download needs a file: -o FILE');
  const checksum = args.text('checksum');
  const maxBytes = args.text('max-bytes');
  return withClient(invocation, async (client) => {
    const url = completeUrl(word);
    noteRequest(invocation, 'GET', url);
    const bar = new ProgressBar(output.stderr);
    try {
      const { path, size, resumedFrom } = await download(client.session, url, file, {
        ...{ ...visitInit(invocation), resume: args.flag('continue'), onProgress: bar.transfer },
        ...(checksum === undefined ? {} : { checksum }),
        ...(maxBytes === undefined ? {} : { maxBodyBytes: parseCount('--max-bytes', maxBytes, 1) }),
      });
      const text = `${path} ${showBytes(size)}`;
      return { text, data: { path, size, resumedFrom }, session: client.name };
    } finally {
      bar.end();
    }
  });
}
