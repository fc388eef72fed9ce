using System.Net;
using System.Text;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp.Protocol;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Refusals that are about who sends whose mail are told apart, with tenant and source where they are known.</summary>
public sealed class RefusalTests
{
    private static readonly Guid Owned = new("00000000-0000-0000-0000-0000000000aa");

    private readonly FixedBook _book = new();

    [Fact]
    public void ClientOfNoTenant_IsAStranger()
    {
        _book.SourceOf = _ => [];
        Assert.Equal(new(RefusalReasons.Stranger, default, null), Said("MAIL FROM:<>"));
    }

    [Fact]
    public void RecipientOfAnotherTenant_NamesThatTenant_AndNoSource()
    {
        _book.SourceOf = _ => [FixedBook.One];
        Assert.Equal(
            new(RefusalReasons.NotASource, FixedBook.Two, null), Said("MAIL FROM:<>", "RCPT TO:<journal@two.example>"));
    }

    [Fact]
    public void SuspensionRateAndSize_NameTenantAndSource()
    {
        _book.IsSuspended = true;
        Assert.Equal(Of(RefusalReasons.Suspended), Said("MAIL FROM:<>", "RCPT TO:<journal@one.example>"));
        _book.IsSuspended = false;
        _book.MessagesLeft = 0;
        Assert.Equal(Of(RefusalReasons.Rate), Said("MAIL FROM:<>", "RCPT TO:<journal@one.example>"));
        _book.MessageBytesMax = 10;
        Assert.Equal(Of(RefusalReasons.Size), Said("MAIL FROM:<> SIZE=11", "RCPT TO:<journal@one.example>"));
    }

    [Fact]
    public void WrongCredentials_NameWhoseTheyWouldBe()
    {
        Assert.Equal(
            new(RefusalReasons.Credentials, FixedBook.One, Owned), Said($"AUTH PLAIN {Base64("\0relay\0wrong")}"));
        Assert.Equal(
            new(RefusalReasons.Credentials, default, null), Said($"AUTH PLAIN {Base64("\0nobody\0wrong")}"));
        Assert.Equal(
            new(RefusalReasons.Credentials, FixedBook.One, Owned),
            Said("AUTH LOGIN", Base64("relay"), Base64("wrong")));
        Assert.Null(Said($"AUTH PLAIN {Base64("\0relay\0open sesame")}"));
    }

    [Fact]
    public void WhatIsTaken_OrRefusedForItsForm_IsNoRefusalOfASource()
    {
        Assert.Null(Said("MAIL FROM:<>", "RCPT TO:<journal@one.example>"));
        Assert.Null(Said("MAIL FROM:<>", "RCPT TO:<nobody@one.example>"));
        Assert.Null(Said("MAIL FROM:<>", "RCPT TO:journal"));
        // And the one before is forgotten with the next line.
        _book.SourceOf = _ => [FixedBook.One];
        Assert.Null(Said("MAIL FROM:<>", "RCPT TO:<journal@two.example>", "NOOP"));
    }

    private static SourceRefusal Of(string reason) => new(reason, FixedBook.One, FixedBook.Source);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private SourceRefusal? Said(params string[] lines)
    {
        var conversation = new SmtpConversation(
            new("x", 1_000, 100, 100), _book, IPAddress.Loopback, new OwnedSecret());
        conversation.Secured();
        foreach (var line in lines.Prepend("EHLO client.example")) conversation.Take(Encoding.ASCII.GetBytes(line));
        return conversation.Refused;
    }

    private sealed class OwnedSecret : ISourceCredentials
    {
        private readonly OneSecret _secret = new();

        public CredentialVerdict Check(string user, ReadOnlySpan<byte> secret) => _secret.Check(user, secret);

        public TenantSource? OwnerOf(string user) => user == "relay" ? new(FixedBook.One, Owned) : null;
    }
}
