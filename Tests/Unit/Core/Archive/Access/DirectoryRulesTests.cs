using AMA.Archive.Access;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Access;

public class DirectoryRulesTests
{
    [Theory]
    [InlineData("Journal@Example.COM", "journal@example.com")]
    [InlineData(" a.b+c@x-y.example ", "a.b+c@x-y.example")]
    [InlineData("a@host", "a@host")]
    [InlineData("a..b@example.com", null)]
    [InlineData(".a@example.com", null)]
    [InlineData("a@example..com", null)]
    [InlineData("a@-example.com", null)]
    [InlineData("a@exämple.com", null)]
    [InlineData("ä@example.com", null)]
    [InlineData("a b@example.com", null)]
    [InlineData("\"a b\"@example.com", null)]
    [InlineData("a@[127.0.0.1]", null)]
    [InlineData("a@b@example.com", null)]
    [InlineData("@example.com", null)]
    [InlineData("a@", null)]
    [InlineData("a@example.com\0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void JournalAddress(string? text, string? expected)
    {
        Assert.Equal(expected is not null, DirectoryRules.TryJournalAddress(text, out var address));
        if (expected is not null) Assert.Equal(expected, address);
    }

    [Fact]
    public void JournalAddress_HasALength()
    {
        var label = new string('d', 63);
        Assert.True(DirectoryRules.TryJournalAddress($"{new string('l', 64)}@{label}.{label}.example", out _));
        Assert.False(DirectoryRules.TryJournalAddress($"{new string('l', 65)}@{label}.example", out _));
        Assert.False(DirectoryRules.TryJournalAddress($"a@{label}d.example", out _));
        Assert.False(DirectoryRules.TryJournalAddress($"a@{label}.{label}.{label}.{label}", out _));
    }

    [Theory]
    [InlineData("Jürgen@Exämple.de", "jürgen@exämple.de")]
    [InlineData("e\u0301@example.com", "\u00e9@example.com")]
    [InlineData("a@localhost", null)]
    [InlineData("a@b.example, c@d.example", null)]
    [InlineData("<a@b.example>", null)]
    [InlineData("a@b.example\r\n", "a@b.example")]
    [InlineData("a\r@b.example", null)]
    public void PersonAddress(string text, string? expected)
    {
        Assert.Equal(expected is not null, DirectoryRules.TryPersonAddress(text, out var address));
        if (expected is not null) Assert.Equal(expected, address);
    }

    [Fact]
    public void PersonAddress_WithALoneSurrogate_IsRefused()
    {
        Assert.False(DirectoryRules.TryPersonAddress("a@b.example" + (char)0xD800, out _));
        Assert.False(DirectoryRules.TryPersonAddress((char)0xDC00 + "a@b.example", out _));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("acme-2", true)]
    [InlineData("Acme", false)]
    [InlineData("a_b", false)]
    [InlineData("a/b", false)]
    [InlineData("", false)]
    public void TenantName(string name, bool good) => Assert.Equal(good, DirectoryRules.IsTenantName(name));

    [Fact]
    public void TenantName_HasALength()
    {
        Assert.True(DirectoryRules.IsTenantName(new string('a', 64)));
        Assert.False(DirectoryRules.IsTenantName(new string('a', 65)));
    }

    [Theory]
    [InlineData("Wilma", "wilma")]
    [InlineData("wilma@example.com", "wilma@example.com")]
    [InlineData("wil ma", null)]
    [InlineData("wilma/../x", null)]
    [InlineData("", null)]
    public void UserName(string text, string? expected)
    {
        Assert.Equal(expected is not null, DirectoryRules.TryUserName(text, out var name));
        if (expected is not null) Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData(1970, 1, 5, 0ul)]
    [InlineData(1970, 1, 11, 0ul)]
    [InlineData(1970, 1, 12, 1ul)]
    [InlineData(2026, 3, 8, 2930ul)]
    [InlineData(2026, 3, 9, 2931ul)]
    public void QueueWeeks_BeginOnMondays(int year, int month, int day, ulong week)
    {
        var time = new DateTimeOffset(year, month, day, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(week, QueueWeek.Of(time));
        Assert.Equal(DayOfWeek.Monday, QueueWeek.Begin(week).DayOfWeek);
        Assert.InRange(time - QueueWeek.Begin(week), TimeSpan.Zero, TimeSpan.FromDays(7));
    }
}
