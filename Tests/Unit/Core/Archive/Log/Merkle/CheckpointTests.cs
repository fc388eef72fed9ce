using AMA.Archive.Access;
using AMA.Archive.Keys;
using AMA.Archive.Log.Merkle;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log.Merkle;

public class CheckpointTests
{
    private const string Origin = "ama.example/eu/control-audit";

    private readonly Secret _seed = Secret.Copy([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private string Note => SignedNote.Sign(new Checkpoint(Origin, 12, new byte[32]).Text, Origin, _seed);

    private byte[] Key => SignedDocument.PublicKeyOf(_seed);

    [Fact]
    public void SignedCheckpoint_IsReadAgain()
    {
        Assert.True(Checkpoint.TryVerify(Note, Origin, Key, out var read));
        Assert.Equal(12, read.Size);
        Assert.Equal(new byte[32], read.Root);
        Assert.Equal(
            "ama.example/eu/control-audit\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            Note[..Note.IndexOf("\n\u2014", StringComparison.Ordinal)]);
    }

    [Fact]
    public void EveryAlteredCharacter_IsSeen()
    {
        for (var at = 0; at < Note.Length; at++)
        {
            // The last digits before a base64 padding carry unused bits, which the reader must refuse as well.
            foreach (var other in new[] { 'A', 'B', '0', '1', '\n', '=' })
            {
                var altered = Note[..at] + other + Note[(at + 1)..];
                if (altered != Note) Assert.False(Checkpoint.TryVerify(altered, Origin, Key, out _), $"{at}: {other}");
            }
        }
    }

    [Fact]
    public void AnotherKey_AnotherLog_AndNoSignature_AreRefused()
    {
        using var other = Secret.Copy(new byte[32]);
        Assert.False(Checkpoint.TryVerify(Note, Origin, SignedDocument.PublicKeyOf(other), out _));
        Assert.False(Checkpoint.TryVerify(Note, "ama.example/us/control-audit", Key, out _));
        Assert.False(Checkpoint.TryVerify(Note[..(Note.IndexOf('\u2014'))], Origin, Key, out _));
        Assert.False(Checkpoint.TryVerify("", Origin, Key, out _));
    }

    [Fact]
    public void SignaturesOfOthers_MayStandBesideIt()
    {
        using var witness = Secret.Copy(new byte[32]);
        var text = new Checkpoint(Origin, 12, new byte[32]).Text;
        var line = SignedNote.Sign(text, "witness.example", witness)[(text.Length + 1)..];
        Assert.True(Checkpoint.TryVerify(Note + line, Origin, Key, out _));
        Assert.True(SignedNote.TryVerify(Note + line, "witness.example", SignedDocument.PublicKeyOf(witness), out _));
    }

    [Theory]
    [InlineData("1\n\n\u2014 x y\n")]
    [InlineData("origin\n+1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")]
    [InlineData("origin\n1\nAAAA\n")]
    [InlineData("origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n")]
    public void AnotherText_IsNoCheckpoint(string text) => Assert.False(Checkpoint.TryParse(text, out _));

    [Fact]
    public void VerifierKey_HasTheFormOfTheStandard() =>
        Assert.Matches("^ama\\.example/eu/control-audit\\+[0-9a-f]{8}\\+AQ[A-Za-z0-9+/=]+$",
            SignedNote.VerifierKey(Origin, Key));
}
