using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Keys;
using AMA.Archive.Log.Merkle;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Verbs;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public class AuditOutputTests
{
    private const string Origin = "ama.example/eu/control-audit";

    private readonly Secret _seed = Secret.Copy(new byte[32]);

    [Theory]
    [InlineData("\\r\\nfake line")]
    [InlineData("\\u001b[2J\\u001b]0;owned\\u0007")]
    [InlineData("\\u202egnp.exe")]
    [InlineData("\\u0000\\u0085\\u2028")]
    public void Threat_42_NoFieldOfAnEntry_CanReachTheTerminalRaw(string hostile)
    {
        foreach (var field in new[] { "act", "time", "tenantName", "silo", "purpose", "person", "lease", "reason" })
        {
            var fields = new Dictionary<string, string> { ["act"] = "sign-in", ["time"] = "now", [field] = hostile };
            var record = "{\"granted\":true," + string.Join(',', fields.Select(f => $"\"{f.Key}\":\"{f.Value}\"")) + "}";
            var line = AuditText.Of(record);
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u202e');
        }
    }

    [Fact]
    public void Proofs_Hold_AndEveryForgeryIsToldInPlainWords()
    {
        var good = Page("""{"act":"lease-grant","granted":true}""");
        Assert.True(Check(good, out var findings));
        Assert.Contains("All 1 entries of your tenant stand in it, unaltered.", findings);

        var item = good.Items[0];
        AuditPage[] forged =
        [
            good with { Items = [item with { Record = item.Record.Replace("true", "false") }] },
            good with { Items = [item with { Index = 1 }] },
            good with { Items = [item with { Salt = Convert.ToBase64String(new byte[32]) }] },
            good with { Items = [item with { Path = [] }] },
            good with { Items = [item with { Path = ["?"] }] },
            good with { Checkpoint = good.Checkpoint.Replace("\n2\n", "\n3\n") },
            good with { VerifierKey = "nonsense" },
        ];
        Assert.All(forged, page =>
        {
            Assert.False(Check(page, out var said));
            Assert.Contains("NOT", said);
        });
    }

    private static bool Check(AuditPage page, out string findings)
    {
        var proofs = new AuditProofs();
        proofs.Add(page);
        findings = string.Join('\n', proofs.Findings());
        return proofs.Holds;
    }

    private AuditPage Page(string record)
    {
        var salt = Enumerable.Repeat((byte)7, 32).ToArray();
        var tree = new MerkleTree();
        tree.Append(AuditLeaf.HashOf(salt, Encoding.UTF8.GetBytes(record)));
        var other = MerkleHash.Leaf("another tenant's"u8);
        tree.Append(other);
        var note = SignedNote.Sign(new Checkpoint(Origin, 2, tree.Root()).Text, Origin, _seed);
        var item = new AuditItem(0, record, Convert.ToBase64String(salt), [Convert.ToBase64String(other)]);
        return new([item], null, note, SignedNote.VerifierKey(Origin, SignedDocument.PublicKeyOf(_seed)));
    }
}
