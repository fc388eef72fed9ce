using AMA.Gateway.Smtp.Protocol;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class DialogueTests
{
    private static readonly string Folder = Path.Combine(TestTree.Root, "Tests", "Dialogues");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.dialogue").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Names))]
    public Task Dialogue_GoesAsWritten(string name) => Dialogue.PlayAsync(File.ReadAllText(Path.Combine(Folder, name)));

    /// <summary>A reply that no dialogue shows is one that nobody has looked at.</summary>
    [Fact]
    public void EveryReply_IsShownByADialogue()
    {
        var shown = string.Concat(Directory.GetFiles(Folder, "*.dialogue").Select(File.ReadAllText));
        var shownElsewhere = new[] { Replies.ShuttingDown, Replies.IdleTooLong, Replies.Failed, Replies.TooManyConnections };
        var replies = typeof(Replies).GetFields().Select(field => (SmtpReply)field.GetValue(null)!).Except(shownElsewhere);
        var missing = replies.Select(reply => reply.ToString().Split('\n')[^1]).Where(text => !shown.Contains(text)).ToList();
        Assert.Empty(missing);
    }

    [Fact]
    public void EveryRefusalHasAnEnhancedCodeOfItsClass()
    {
        foreach (var field in typeof(Replies).GetFields())
        {
            var text = ((SmtpReply)field.GetValue(null)!).ToString();
            if (text.StartsWith("354")) continue;
            Assert.Matches(@"^([245])\d\d[ -]\1\.\d\.\d ", text);
        }
    }
}
