using System.Diagnostics;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

/// <summary>A terminal's picture of a QR code, as a camera would see it.</summary>
internal static class QrPicture
{
    private const string WhiteOnBlack = "\u001b[97;40m";
    private const string AsBefore = "\u001b[0m";
    private const int PixelsOfAModule = 8;

    /// <summary>What zbar, which nobody here has written, reads out of it.</summary>
    public static async Task<string> ReadAsync(string shown)
    {
        var path = Path.Combine(Path.GetTempPath(), $"ama-qr-{Path.GetRandomFileName()}.pgm");
        await File.WriteAllBytesAsync(path, Picture(shown.Split(Environment.NewLine)));
        try
        {
            return await OtherProgram.SaysAsync("zbarimg", "--quiet", "--raw", path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>PGM: two rows of modules a line, white where the terminal's letters are.</summary>
    private static byte[] Picture(string[] lines)
    {
        var rows = lines.SelectMany(Rows).ToArray();
        var (width, height) = (rows[0].Length * PixelsOfAModule, rows.Length * PixelsOfAModule);
        Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        byte[] head = [.. System.Text.Encoding.ASCII.GetBytes($"P5 {width} {height} 255\n")];
        var pixels = rows.SelectMany(row => Enumerable.Repeat(
            row.SelectMany(white => Enumerable.Repeat(white ? (byte)255 : (byte)0, PixelsOfAModule)), PixelsOfAModule));
        return [.. head, .. pixels.SelectMany(row => row)];
    }

    private static bool[][] Rows(string line)
    {
        Assert.StartsWith(WhiteOnBlack, line);
        Assert.EndsWith(AsBefore, line);
        var blocks = line[WhiteOnBlack.Length..^AsBefore.Length];
        return [[.. blocks.Select(sign => sign is '█' or '▀')], [.. blocks.Select(sign => sign is '█' or '▄')]];
    }
}

/// <summary>A program of the machine.</summary>
internal static class OtherProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Its standard output, without the last line break.</summary>
    public static async Task<string> SaysAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        var said = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        return said.TrimEnd('\n');
    }
}
