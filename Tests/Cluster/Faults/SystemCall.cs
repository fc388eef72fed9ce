using System.Text.RegularExpressions;

namespace AMA.Tests.Cluster.Faults;

/// <summary>A call that one acceptance makes, and what it is made on.</summary>
/// <param name="Store">"a" or "b".</param>
/// <param name="Place">The path below the store, without what is another one each time.</param>
internal sealed partial record SystemCall(string Name, string Store, string Place)
{
    /// <summary>All that write, sync or name, and what opens a file to do so.</summary>
    public const string Traced =
        "open,openat,creat,mkdir,write,writev,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,link,linkat,rename,"
        + "renameat,renameat2,unlink";

    public const string Temporary = "temporary file";
    public const string Segments = "directory of segments";
    public const string Root = "directory of the store";

    /// <summary>Null: a line of strace's that is about nothing in the store.</summary>
    public static SystemCall? Read(string line, string store, string folder)
    {
        var call = Call().Match(line);
        var at = line.IndexOf(folder, StringComparison.Ordinal);
        if (!call.Success || at < 0 || line.Contains("resumed>", StringComparison.Ordinal)) return null;
        var path = Path().Match(line[(at + folder.Length)..]).Value;
        return new(call.Groups[1].Value, store, path switch
        {
            "" => Root,
            "/segments" => Segments,
            _ when path.StartsWith("/.tmp/", StringComparison.Ordinal) => Temporary,
            _ when path.StartsWith("/segments/", StringComparison.Ordinal) => "segment",
            _ => path,
        });
    }

    [GeneratedRegex(@"^\d+\s+([a-z0-9_]+)\(")] private static partial Regex Call();

    [GeneratedRegex(@"^[^"">]*")] private static partial Regex Path();
}
