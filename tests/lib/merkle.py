"""RFC 9162, section 2.1, and the signed heads of the audit trail, written from the documents alone: the judge of the
program's proofs shares no line with it.

    python3 -m lib.merkle > data/merkle.csv      (in tests/; leaf i is i bytes of value i, `paths_sha256` is over
    the proofs of all leaves, in order)"""
import hashlib


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(n):
    """The largest power of two smaller than n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def path(leaves, index):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return path(leaves[:k], index) + [root(leaves[k:])]
    return path(leaves[k:], index - k) + [root(leaves[:k])]


def included(leaf, index, size, audit_path, wanted):
    """Section 2.1.3.2, step by step."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in audit_path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == wanted


def sample(i):
    """The i-th entry of the vectors' trees: i bytes of value i."""
    return bytes([i]) * i


def main():
    print("size,root,paths_sha256,source")
    for size in range(34):
        leaves = [leaf_hash(sample(i)) for i in range(size)]
        paths = b"".join(b"".join(path(leaves, i)) for i in range(size))
        print(f"{size},{root(leaves).hex()},{hashlib.sha256(paths).hexdigest()},\"computed: RFC 9162, 2.1.1 and 2.1.3.1\"")


if __name__ == "__main__":
    main()
