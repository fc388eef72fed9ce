using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace AMA.Adapters.Submission;

/// <summary>
/// Finds messages: .eml files, mbox, Maildir, tar of any of those, each also gzipped, and folders of them,
/// recursively and in ordinal order. One message is in memory at a time.
/// </summary>
public static class MessageSources
{
    private const int SniffBytes = 512;

    /// <summary>
    /// The messages under <paramref name="paths"/>. A file that is named is taken at its word; in folders and archives
    /// a file counts when its name (.eml, .mbox, …) or its beginning says that it is mail, and is otherwise reported
    /// to <see cref="MessageSourceOptions.Skipped"/>. Throws <see cref="IOException"/> and, for a broken archive,
    /// <see cref="InvalidDataException"/>.
    /// </summary>
    public static async IAsyncEnumerable<MessageSource> EnumerateAsync(
        IEnumerable<string> paths, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var path in paths)
        {
            var messages = Directory.Exists(path)
                ? InFolderAsync(path, options, cancel)
                : InFileAsync(path, new(path, Named: true), options, cancel);
            await foreach (var message in messages.WithCancellation(cancel)) yield return message;
        }
    }

    private static async IAsyncEnumerable<MessageSource> InFolderAsync(
        string folder, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var file in MessageFiles.Under(folder))
        {
            var origin = new Origin(file, Named: MessageFiles.InMaildir(file));
            await foreach (var message in InFileAsync(file, origin, options, cancel)) yield return message;
        }
    }

    private static async IAsyncEnumerable<MessageSource> InFileAsync(
        string path, Origin origin, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await foreach (var message in InStreamAsync(file, origin, options, cancel)) yield return message;
    }

    private static async IAsyncEnumerable<MessageSource> InStreamAsync(
        Stream stream, Origin origin, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        var source = new PeekStream(stream, SniffBytes);
        var kind = MessageFiles.KindOf(origin, await source.PeekAsync(cancel));
        var messages = kind switch
        {
            FileKind.Gzip => InStreamAsync(
                new GZipStream(source, CompressionMode.Decompress), origin.Unzipped(), options, cancel),
            FileKind.Tar => InTarAsync(source, origin, options, cancel),
            FileKind.Mbox => MboxReader.ReadAsync(source, origin.Name, options, cancel),
            FileKind.Message => SingleAsync(source, origin, options, cancel),
            _ => Skip(origin.Name, MessageSourceOptions.NotAMessage, options),
        };
        await foreach (var message in messages.WithCancellation(cancel)) yield return message;
    }

    private static async IAsyncEnumerable<MessageSource> InTarAsync(
        Stream stream, Origin archive, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var tar = new TarReader(stream, leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
            var name = $"{archive.Name}!{entry.Name}";
            var origin = new Origin(name, Named: MessageFiles.InMaildir(entry.Name));
            var messages = InStreamAsync(entry.DataStream ?? Stream.Null, origin, options, cancel);
            await foreach (var message in messages) yield return message;
        }
    }

    private static async IAsyncEnumerable<MessageSource> SingleAsync(
        Stream stream, Origin origin, MessageSourceOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        var bytes = new GrowingBytes(options.MessageBytesMax);
        while (await bytes.ReadFromAsync(stream, cancel) > 0)
        {
            if (!bytes.Overflowed) continue;
            options.Skipped(origin.Name, "larger than the limit");
            yield break;
        }
        yield return new MessageSource(origin.Name, bytes.Take());
    }

    private static async IAsyncEnumerable<MessageSource> Skip(string name, string reason, MessageSourceOptions options)
    {
        await ValueTask.CompletedTask;
        options.Skipped(name, reason);
        yield break;
    }
}
