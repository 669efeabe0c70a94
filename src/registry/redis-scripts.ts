import { createHash } from 'node:crypto';

/** A Lua script, and the hash under which Redis caches it. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * Writes the new document, unless the stored one no longer has the old tag, a later lock has written, or the session
 * was killed.
 *
 * KEYS: session, killed. ARGV: old tag, new tag, document or '', ttl or '', fence or '', name of the lock, '1' for a
 * new session.
 */
export const writeScript = script(`
if ARGV[7] ~= '1' and redis.call('EXISTS', KEYS[2]) == 1 then return 'killed' end
local fence = 'fence:' .. ARGV[6]
local stored = redis.call('HMGET', KEYS[1], 'tag', fence)
if (stored[1] or '') ~= ARGV[1] then return 'changed' end
if ARGV[5] ~= '' and tonumber(stored[2] or '0') > tonumber(ARGV[5]) then return 'fenced' end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  return 'written'
end
redis.call('HSET', KEYS[1], 'tag', ARGV[2], 'document', ARGV[3])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], fence, ARGV[5]) end
if ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
if ARGV[7] == '1' then redis.call('DEL', KEYS[2]) end
return 'written'`);

/**
 * Deletes a session, whatever its key holds, and records that it was killed. KEYS: session, killed. ARGV: ttl, '1' to
 * record it also where there was no session.
 */
export const killScript = script(`
local found = redis.call('DEL', KEYS[1])
if found == 1 or ARGV[2] == '1' then redis.call('SET', KEYS[2], '1', 'PX', ARGV[1]) end
return found`);

/**
 * Acquires a free lock and returns its fence, larger than all before: the microseconds of Redis' clock, or one more
 * than the last fence that has written. Empty when it is not free. KEYS: lock, session. ARGV: token, ttl, field of
 * the fence.
 */
export const lockScript = script(`
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return '' end
local now = redis.call('TIME')
local written = 0
if redis.call('TYPE', KEYS[2]).ok == 'hash' then
  written = tonumber(redis.call('HGET', KEYS[2], ARGV[3]) or '0')
end
return string.format('%.0f', math.max(tonumber(now[1]) * 1000000 + tonumber(now[2]), written + 1))`);

/** Extends a lock, unless it has ended. KEYS: lock. ARGV: token, ttl. */
export const extendScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`);

/** Releases a lock, unless it has ended and belongs to another. KEYS: lock. ARGV: token. */
export const unlockScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`);
