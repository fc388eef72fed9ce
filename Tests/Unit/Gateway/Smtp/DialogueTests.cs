using AMA.Gateway.Smtp.Protocol;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class DialogueTests
{
    private static readonly string Folder = Path.Combine(TestTree.Root, "Tests", "Dialogues");

    private static readonly string[] Files =
        [.. Directory.GetFiles(Folder, "*.dialogue").Order(StringComparer.Ordinal)];

    private static readonly SmtpReply[] All =
        [.. typeof(Replies).GetFields().Select(field => (SmtpReply)field.GetValue(null)!)];

    public static TheoryData<string> Names => [.. Files.Select(file => Path.GetFileName(file))];

    [Theory, MemberData(nameof(Names))]
    public Task Dialogue_GoesAsWritten(string name) => Dialogue.PlayAsync(File.ReadAllText(Path.Combine(Folder, name)));

    /// <summary>A reply that no dialogue shows is one that nobody has looked at.</summary>
    [Fact]
    public void EveryReply_IsShownByADialogue()
    {
        var shown = string.Concat(Files.Select(File.ReadAllText));
        Assert.All(All, reply => Assert.Contains(LastLine(reply), shown));
    }

    [Fact]
    public void EveryReply_HasAnEnhancedCodeOfItsClass()
    {
        var form = @"^([245])\d\d \1\.\d\.\d ";
        Assert.All(All.Where(reply => reply.Code / 100 != 3), reply => Assert.Matches(form, LastLine(reply)));
    }

    private static string LastLine(SmtpReply reply) => reply.ToString().Split('\n')[^1];
}
