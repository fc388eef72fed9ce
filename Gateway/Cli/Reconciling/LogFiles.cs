using System.IO.Compression;
using System.Text;

namespace AMA.Gateway.Cli.Reconciling;

/// <summary>Log files, gzipped or not, in any Unicode encoding that begins with its mark; told how far they are read.</summary>
internal sealed class LogFiles
{
    private readonly IReadOnlyList<string> _paths;
    private long _before;
    private Stream? _now;

    /// <summary>Throws <see cref="ExitCode.Usage"/> for a file that isn't there.</summary>
    public LogFiles(IReadOnlyList<string> paths)
    {
        _paths = paths;
        foreach (var path in paths)
            if (!File.Exists(path)) throw new CliException(ExitCode.Usage, $"There is no file {Output.Printable.Of(path)}.");
        Total = paths.Sum(path => new FileInfo(path).Length);
    }

    /// <summary>Bytes on disk.</summary>
    public long Total { get; }

    public long Done => _before + (_now?.Position ?? 0);

    public IEnumerable<StreamReader> Open()
    {
        foreach (var path in _paths)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
            _now = file;
            var gzipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            using var bytes = gzipped ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            using var reader = new StreamReader(bytes, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 1 << 16);
            yield return reader;
            (_now, _before) = (null, _before + new FileInfo(path).Length);
        }
    }
}
