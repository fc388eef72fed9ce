using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace AMA.Tests.Unit.Core.Mail;

/// <summary>
/// Real mail: the folder named by AMA_CORPUS, or ../shared/corpus beside the repository. Tests skip without it.
/// </summary>
public static class MailCorpus
{
    public static string Folder
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("AMA_CORPUS")
                ?? Path.Combine(Repository, "..", "shared", "corpus");
            Assert.SkipUnless(Directory.Exists(folder), $"no corpus at {folder}");
            return folder;
        }
    }

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "AMA.sln"))) folder = folder.Parent!;
            return folder.FullName;
        }
    }

    /// <summary>Every <paramref name="step"/>th message of the ordinary mail.</summary>
    public static IEnumerable<(string Name, byte[] Raw)> Ordinary(int step)
    {
        var number = 0;
        foreach (var archive in Files("ordinary").Where(path => path.EndsWith(".tar.gz", StringComparison.Ordinal)))
            foreach (var message in Tar(archive))
                if (number++ % step == 0) yield return message;
    }

    /// <summary>Everything odd, one by one; also what is no mail at all, and the messages inside archives.</summary>
    public static IEnumerable<(string Name, byte[] Raw)> Odd()
    {
        foreach (var folder in new[] { "odd", "journal" })
            foreach (var path in Files(folder))
            {
                if (!path.EndsWith(".gz", StringComparison.Ordinal)) yield return (path, File.ReadAllBytes(path));
                if (!path.EndsWith(".tar.gz", StringComparison.Ordinal)) continue;
                foreach (var message in Tar(path)) yield return message;
            }
    }

    private static IEnumerable<string> Files(string folder) => Directory
        .GetFiles(Path.Combine(Folder, folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static IEnumerable<(string Name, byte[] Raw)> Tar(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var tar = new TarReader(file);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null) continue;
            using var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            yield return (entry.Name, bytes.ToArray());
        }
    }
}
