using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// Content never causes a refusal: what a stranger may send is accepted, archived, flagged where it was odd, and comes
/// back byte for byte; and the mail behind it is not held up.
/// </summary>
public sealed class HostileMailTests(TenantArchive archive, ITestOutputHelper output) : IClassFixture<TenantArchive>
{
    private const int Million = 1_000_000;

    [Fact]
    public async Task RandomBytes_AreArchivedAndFlagged()
    {
        var random = Seed.New(output);
        var noise = new byte[300_000];
        random.NextBytes(noise);
        noise[0] = 0xff; // not even the beginning of a field name
        await ComesBackAsync([.. noise, .. "\r\n"u8], "unparsed");
    }

    [Fact]
    public Task EmptyMessage_IsArchived() => ComesBackAsync([], "unparsed");

    [Fact]
    public Task Threat_14_AMillionEmptyParts_AreArchivedAndFlagged() => ComesBackAsync(
        Eml.Join(
            Ascii("Subject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"),
            Repeat("--b\r\n\r\n", Million), Ascii("--b--\r\n")),
        "partly-indexed");

    [Fact]
    public Task Threat_14_PartsInParts_AreArchivedAndFlagged() => ComesBackAsync(
        Eml.Join(
            Ascii("Subject: nested\r\n"),
            [.. Enumerable.Range(0, 20_000).SelectMany(level => Ascii(
                $"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))]),
        "partly-indexed");

    [Fact]
    public Task Threat_06_HugeHeader_IsArchivedAndFlagged() => ComesBackAsync(
        Eml.Join(Ascii("Subject: huge\r\nX-Huge: "), Repeat("x", 20 * Million), Ascii("\r\n\r\nbody\r\n")),
        "partly-indexed");

    [Fact]
    public Task Threat_06_EndlessLine_IsArchived() => ComesBackAsync(
        Eml.Join(Ascii("Subject: line\r\n\r\n"), Repeat("wort ", Million), Ascii("\r\n")));

    [Fact]
    public Task Threat_09_NulAndControlBytesInHeaders_AreArchivedAndFlagged() => ComesBackAsync(
        Eml.Join(
            Ascii("Subject: nul "), [.. Enumerable.Range(0, 32).Where(b => b is not (10 or 13)).Select(b => (byte)b)],
            Ascii("\r\nFrom: \0@\0\r\n\r\n\0\r\n")),
        "nul-bytes");

    /// <summary>More than a store takes in one piece, and nothing that could be compressed.</summary>
    [Fact]
    public async Task LargeIncompressibleMessage_IsArchived()
    {
        var noise = new byte[(66 << 20) + 1];
        Seed.New(output).NextBytes(noise);
        await ComesBackAsync(Eml.Join(Ascii("Subject: large\r\n\r\n"), noise, Ascii("\r\n")));
    }

    private async Task ComesBackAsync(byte[] message, params string[] flags)
    {
        var auditor = archive.Tenant.Auditor;
        var before = (await auditor.AllAsync()).Select(item => item.Id).ToHashSet();
        var accepted = (await auditor.StatusAsync()).Accepted;
        await archive.Tenant.SendAsync(message, Eml.Of("behind it", $"dahinter {accepted}"));
        var status = await auditor.DrainedAsync(accepted + 2);

        Assert.True(status.AddUp && status.Quarantined == 0, status.ToString());
        var added = (await auditor.AllAsync()).Where(item => !before.Contains(item.Id)).ToArray();
        var item = Assert.Single(added, item => item.Subject != "behind it");
        Assert.Equal(message.Length, item.Size);
        Assert.Equal(Eml.Hash(message), Eml.Hash(await auditor.RawAsync(item.Id)));
        var shown = await auditor.MessageAsync(item.Id);
        Assert.Subset(shown.Flags.ToHashSet(), flags.ToHashSet());
        Assert.Single(added, item => item.Subject == "behind it");
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Repeat(string text, int times)
    {
        var piece = Ascii(text);
        var whole = new byte[piece.Length * times];
        for (var at = 0; at < whole.Length; at += piece.Length) piece.CopyTo(whole, at);
        return whole;
    }
}
