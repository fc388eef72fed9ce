using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using AMA.Gateway.Cli.Output;
using System.Web;
using Xunit;

namespace AMA.Tests.Cluster.Control.SignIn;

public sealed class SecondFactorTests : IAsyncLifetime
{
    private const string Password = People.Password;

    private ControlWorld _world = null!;
    private People _people = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _people = await People.AtANewTenantAsync(_world);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("auditor")]
    [InlineData("tenant-admin")]
    [InlineData("security-officer-provider")]
    public async Task RoleThatNeedsASecondFactor_EnrolsBeforeAnythingElse(string role)
    {
        await _people.CreateAsync("anna", role);
        await Refusal.IsAsync(ControlRefusal.EnrolmentRequired, () => _people.SignIn.SignIn(new("anna", Password)));
        var (secret, confirmed) = await _people.EnrolAsync("anna");
        Assert.Equal(10, confirmed.RecoveryCodes.Distinct().Count());
        Assert.NotEmpty(await _people.SignIn.Sessions(confirmed.Session.Token));

        await Refusal.IsAsync(ControlRefusal.SecondFactorRequired, () => _people.SignIn.SignIn(new("anna", Password)));
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        await _people.SignIn.SignIn(new("anna", Password, _people.Code(secret)));
        var acts = (await AuditTrail.ReadAsync(_world)).Where(entry => entry.Person == "anna" && entry.Granted);
        Assert.Equal(
            [AuditAct.UserCreation, AuditAct.SecondFactorEnrolment, AuditAct.SecondFactorEnrolment, AuditAct.SignIn,
                AuditAct.SignIn],
            acts.Select(entry => entry.Act).Where(act => act != AuditAct.PasswordChange));
    }

    [Fact]
    public async Task Threat_38_TrialsAuditor_WhomTheOperatorMade_IsOutAsSoonAsItIsNoTrialAnyMore()
    {
        await _world.CreateTenantAsync();
        await Auditors.TokenAsync(_world, ControlWorld.Tenant);
        _world.Options = _world.Options with { SecondFactorMayBeOff = false };
        await _world.RestartAsync();
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => Auditors.TokenAsync(_world, ControlWorld.Tenant));
    }

    [Fact]
    public async Task PlainUser_NeedsNone_MayHaveOne_AndATenantMayAskItOfEverybody()
    {
        var admin = await _people.TokenOfAsync("anna", "tenant-admin");
        await _people.CreateAsync("eve", "user", admin);
        await _people.SignIn.SignIn(new("eve", Password));
        await _people.Users.SetSecondFactor(admin, "everybody");
        await Refusal.IsAsync(ControlRefusal.EnrolmentRequired, () => _people.SignIn.SignIn(new("eve", Password)));
        await _people.EnrolAsync("eve");
        await Refusal.IsAsync(ControlRefusal.SecondFactorRequired, () => _people.SignIn.SignIn(new("eve", Password)));
    }

    [Fact]
    public async Task Threat_33_Code_NeverWorksTwice_NotEvenAfterARestart()
    {
        await _people.CreateAsync("anna", "auditor");
        var (secret, _) = await _people.EnrolAsync("anna");
        // The code that confirmed is used up; so is every one once it has signed in.
        await WrongAsync("anna", _people.Code(secret));
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        var code = _people.Code(secret);
        await _people.SignIn.SignIn(new("anna", Password, code));
        await WrongAsync("anna", code);
        await _world.RestartAsync();
        await WrongAsync("anna", code);
        await WrongAsync("anna", _people.Code(secret, steps: 2));
        await _people.SignIn.SignIn(new("anna", Password, _people.Code(secret, steps: 1)));
    }

    [Fact]
    public async Task Code_UsedBySeveralAtOnce_LetsOneIn()
    {
        await _people.CreateAsync("anna", "auditor");
        var (secret, _) = await _people.EnrolAsync("anna");
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        var code = _people.Code(secret);
        var let = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => IsLetInAsync("anna", code)));
        Assert.Equal(1, let.Count(isIn => isIn));
    }

    [Fact]
    public async Task RecoveryCode_SignsInOnce_AndNewOnesReplaceTheOld()
    {
        await _people.CreateAsync("anna", "auditor");
        var (_, confirmed) = await _people.EnrolAsync("anna");
        var codes = confirmed.RecoveryCodes;
        await _people.SignIn.SignIn(new("anna", Password, codes[0].ToUpperInvariant()));
        await WrongAsync("anna", codes[0]);
        var renewed = await _people.Own.NewRecoveryCodes(new("anna", Password, codes[1]));
        await WrongAsync("anna", codes[2]);
        await _people.SignIn.SignIn(new("anna", Password, renewed[9]));
    }

    [Fact]
    public async Task RemovedSecondFactor_EndsSessions_AndMustBeEnrolledAnew()
    {
        await _people.CreateAsync("anna", "auditor");
        var (_, confirmed) = await _people.EnrolAsync("anna");
        await _people.Own.Remove(new("anna", Password, confirmed.RecoveryCodes[0]));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => _people.SignIn.Sessions(confirmed.Session.Token));
        await Refusal.IsAsync(ControlRefusal.EnrolmentRequired, () => _people.SignIn.SignIn(new("anna", Password)));
    }

    [Fact]
    public async Task OneTimePassword_EnrolsNobodysDevice()
    {
        var made = await _people.Users.Create(
            _world.OperatorToken, new NewUser("anna", "tenant-admin", [], null));
        await Refusal.IsAsync(
            ControlRefusal.PasswordChangeRequired, () => _people.Own.Enrol(new("anna", made.Password!)));
        await _people.Own.ChangePassword(new("anna", made.Password!), Password);
        await _people.EnrolAsync("anna");
    }

    [Fact]
    public async Task SecondSecret_IsNotMade_WhileThereIsOne()
    {
        await _people.CreateAsync("anna", "auditor");
        await _people.EnrolAsync("anna");
        await Refusal.IsAsync(ControlRefusal.Conflict, () => _people.Own.Enrol(new("anna", Password)));
    }

    private async Task<bool> IsLetInAsync(string user, string code)
    {
        try
        {
            await _people.SignIn.SignIn(new(user, Password, code));
            return true;
        }
        catch (ControlException refused) when (refused.Refusal == ControlRefusal.NotAuthorised)
        {
            return false;
        }
    }

    private Task<string> WrongAsync(string user, string code) =>
        Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _people.SignIn.SignIn(new(user, Password, code)));

    /// <summary>What a phone does: the picture that a terminal shows, another's reader, another's codes.</summary>
    [Fact]
    public async Task QrCode_IsRead_AndItsCodesSignIn_WithProgramsOfOthers()
    {
        await _people.CreateAsync("wilma", "auditor");
        var made = await _people.Own.Enrol(new("wilma", Password));
        var read = await QrPicture.ReadAsync(QrText.Of(made.Address));
        Assert.Equal(made.Address, read);
        var secret = HttpUtility.ParseQueryString(new Uri(read).Query)["secret"]!;
        Assert.Equal(made.Secret, secret);

        await _people.Own.Confirm(new("wilma", Password, await CodeAsync()));
        _world.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.NotNull((await _people.SignIn.SignIn(new("wilma", Password, await CodeAsync()))).Renewal);

        Task<string> CodeAsync() => OtherProgram.SaysAsync(
            "oathtool", "--totp", "--base32", $"--now={_world.Clock.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC", secret);
    }
}
