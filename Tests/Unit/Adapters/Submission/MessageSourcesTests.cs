using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using AMA.Adapters.Submission;
using AMA.Tests.Unit.Gateway.Smtp;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Submission;

public sealed class MessageSourcesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ama-sources-");
    private readonly List<string> _skipped = [];

    [Fact]
    public async Task Mbox_IsSplit_AndUnquotedByOne()
    {
        Write("list.mbox",
            "From a@b Mon\nSubject: one\n\n>From here\n>>From there\n> From nowhere\n\n"
            + "From c@d Tue\nSubject: two\n\nFrom inside\n");
        Assert.Equal(
            ["Subject: one\n\nFrom here\n>From there\n> From nowhere\n", "Subject: two\n"], (await Texts())[..2]);
    }

    [Fact]
    public async Task Mbox_WithoutUnquoting_KeepsItsBytes()
    {
        Write("list.mbox",
            "From a@b Mon\r\nSubject: one\r\n\r\n>From here\r\n\r\nFrom c@d Tue\r\nSubject: two\r\n\r\n");
        var texts = await Texts(new MessageSourceOptions { Mbox = MboxQuoting.None });
        Assert.Equal(["Subject: one\r\n\r\n>From here\r\n", "Subject: two\r\n"], texts);
    }

    [Fact]
    public async Task Mbox_ReadInPiecesOfAnySize_IsTheSame()
    {
        var text = "From a Mon\nA: 1\n\n" + new string('x', 200_000) + "\n>From\n\nFrom b Tue\nB: 2\n\nend\n\n";
        Write("big.mbox", text);
        Assert.Equal(["A: 1\n\n" + new string('x', 200_000) + "\n>From\n", "B: 2\n\nend\n"], await Texts());
    }

    [Fact]
    public async Task Maildir_TakesCurAndNew_NotTmp()
    {
        Write("md/cur/1:2,S", "Subject: one\n");
        Write("md/new/2", "no header at all");
        Write("md/tmp/3", "Subject: half\n");
        Write("md/dovecot-uidlist", "3 V1\n");
        Assert.Equal(["Subject: one\n", "no header at all"], await Texts());
    }

    [Fact]
    public async Task Folder_TakesWhatIsMail_AndSaysWhatItLeft()
    {
        Write("a.eml", "From somebody on top\nSubject: eml\n");
        Write("b/plain", "Received: from x\n");
        Write("b/picture.png", "\x89PNG");
        Write("b/index.tsv", "sha256\tsize\n");
        Write("b/.hidden", "Subject: hidden\n");
        Assert.Equal(["From somebody on top\nSubject: eml\n", "Received: from x\n"], await Texts());
        Assert.Equal(["index.tsv", "picture.png"], _skipped.Select(name => Path.GetFileName(name)).Order());
    }

    [Fact]
    public async Task NamedFile_IsTakenAtItsWord()
    {
        var path = Write("odd", "\0nothing like mail");
        Assert.Equal(["\0nothing like mail"], await Texts(paths: path));
    }

    [Theory, InlineData("mail.tar"), InlineData("mail.tar.gz"), InlineData("mail.tgz")]
    public async Task Tar_HoldsMessagesAndMboxes(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        using (Stream file = File.Create(path))
        using (Stream target = name.EndsWith(".tar") ? file : new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(target))
        {
            Add(tar, "in/1.eml", "Subject: one\n");
            Add(tar, "in/empty.eml", "");
            Add(tar, "in/notes.bin", "\x01\x02");
            Add(tar, "in/list.mbox", "From a Mon\nSubject: two\n\nFrom b Tue\nSubject: three\n\n");
            Add(tar, "md/new/x", "Subject: four\n");
        }
        var sources = await Sources(new MessageSourceOptions());
        Assert.Equal(
            ["Subject: one\n", "", "Subject: two\n", "Subject: three\n", "Subject: four\n"],
            sources.Select(source => Text(source.Bytes)));
        Assert.EndsWith("!in/1.eml", sources[0].Name);
        Assert.EndsWith("!in/list.mbox#2", sources[3].Name);
        Assert.EndsWith("!in/notes.bin", Assert.Single(_skipped));
    }

    [Fact]
    public async Task TooLarge_IsReported_NotCut()
    {
        Write("1.eml", new string('x', 2_000));
        Write("2.mbox", $"From a Mon\n{new string('x', 2_000)}\n\nFrom b Tue\nSubject: small\n\n");
        var texts = await Texts(new MessageSourceOptions { MessageBytesMax = 1_000 });
        Assert.Equal(["Subject: small\n"], texts);
        Assert.Equal(2, _skipped.Count);
    }

    [Theory]
    [InlineData("spamassassin-easy-ham-1.tar.gz", 2_500)]
    [InlineData("spamassassin-spam-1.tar.gz", 500)]
    [InlineData("enron-skilling-j.tar.gz", 1_714)]
    [InlineData("linux-mips-list.tar.gz", 1_500)]
    [InlineData("linux-mips-600.mboxrd.gz", 600)]
    public async Task Corpus_IsFoundToTheLastMessage(string file, int count)
    {
        var path = Path.Combine(TestTree.Corpus, "ordinary", file);
        Assert.SkipUnless(File.Exists(path), "no corpus here");
        var found = 0;
        await foreach (var message in MessageSources.EnumerateAsync([path], new MessageSourceOptions(), default))
        {
            Assert.False(message.Bytes.IsEmpty);
            found++;
        }
        Assert.Equal(count, found);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<List<MessageSource>> Sources(MessageSourceOptions options, params string[] paths)
    {
        var sources = new List<MessageSource>();
        options = options with { Skipped = (name, _) => _skipped.Add(name) };
        var from = paths.Length > 0 ? paths : [_folder.FullName];
        await foreach (var source in MessageSources.EnumerateAsync(from, options, default)) sources.Add(source);
        return sources;
    }

    private async Task<string[]> Texts(MessageSourceOptions? options = null, params string[] paths) =>
        [.. (await Sources(options ?? new MessageSourceOptions(), paths)).Select(source => Text(source.Bytes))];

    private string Write(string name, string latin1)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(latin1));
        return path;
    }

    private static void Add(TarWriter tar, string name, string latin1)
    {
        var data = new MemoryStream(Encoding.Latin1.GetBytes(latin1));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data });
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span);
}
