using AMA.Archive.Keys;
using Xunit;

namespace AMA.Tests.Unit.Tidy.Sources;

public class SecretTests
{
    [Fact]
    public void Threat_38_NothingSerialisedHoldsASecret() => Violations.None(SecretRules.Serialised(SourceTree.Product));

    [Fact]
    public void Threat_38_NoLogMessageTakesASecret() => Violations.None(SecretRules.Logged(SourceTree.Product));

    [Fact]
    public void Threat_38_SecretHasNoText()
    {
        using var secret = Secret.Copy("never shown"u8);
        Assert.Equal("[secret]", secret.ToString());
        Assert.Equal("[secret]", $"{secret}");
        Assert.ThrowsAny<Exception>(() => System.Text.Json.JsonSerializer.Serialize(secret));
    }

    [Theory]
    [InlineData("[GenerateSerializer] record R(int A, Secret B);", 1)]
    [InlineData("[GenerateSerializer] class C { public Secret? B { get; set; } }", 1)]
    [InlineData("record Key(Secret B); [GenerateSerializer] record R(IReadOnlyList<Key> Keys);", 1)]
    [InlineData("record Key(Secret B); [JsonSerializable(typeof(Key))] class Context;", 1)]
    [InlineData("record Key(Secret B); [GenerateSerializer] record R(KeyId Id);", 0)]
    public void Canary_SerialisedSecret_IsSeen(string source, int violations) =>
        Assert.Equal(violations, SecretRules.Serialised([SourceFile.Parse(source)]).Count());

    [Theory]
    [InlineData("class C { [LoggerMessage(1, 2, \"x\")] partial void Log(Secret key); }", 1)]
    [InlineData("record Key(Secret B); class C { [LoggerMessage(1, 2, \"x\")] partial void Log(Key key); }", 1)]
    [InlineData("class C { [LoggerMessage(1, 2, \"x\")] partial void Log(string key); }", 0)]
    public void Canary_LoggedSecret_IsSeen(string source, int violations) =>
        Assert.Equal(violations, SecretRules.Logged([SourceFile.Parse(source)]).Count());
}
