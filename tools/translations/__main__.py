"""`python -m tools.translations`: gather what must be translated, keep what is, say what is missing."""

from tools.translations import messages, sentences


def main() -> int:
    catalog = messages.updated()
    messages.write(catalog)
    known = sentences.kept()
    wanted = {source: known.get(source, "") for source in sentences.gathered()}
    sentences.write(wanted)
    missing = sum(1 for message in catalog if message.id and not message.string)
    print(f"messages: {len(catalog)}, {missing} to translate")
    print(f"sentences: {len(wanted)}, {sum(not target for target in wanted.values())} to translate")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
